namespace EncodeFarm.Actors;

/// <summary>The address of an actor. Two refs are equal only if they are the same actor: one that is spawned again under an old name is another actor.</summary>
public interface IActorRef
{
    /// <summary>Where the actor lives, as in <c>/user/videos/42</c>.</summary>
    string Path { get; }

    /// <summary>The last part of <see cref="Path"/>.</summary>
    string Name { get; }
}

/// <summary>The address of an actor that understands <typeparamref name="T"/>.</summary>
public interface IActorRef<in T> : IActorRef
{
    /// <summary>
    /// Puts the message into the actor's mailbox and returns at once. Messages from one sender arrive in the order of sending.
    /// A message to a stopped actor is a dead letter: counted and logged.
    /// </summary>
    void Tell(T message);
}
