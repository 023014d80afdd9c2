namespace EncodeFarm.Actors;

public static class ActorRefExtensions
{
    /// <summary>The same actor for somebody who speaks another language: each message is translated by the teller and told on.</summary>
    /// <param name="translate">Pure.</param>
    public static IActorRef<TIn> Adapt<TIn, T>(this IActorRef<T> actor, Func<TIn, T> translate) =>
        new Adapted<TIn, T>(actor, translate);

    /// <summary>The actor itself, behind all translators.</summary>
    internal static IActorRef Unwrap(this IActorRef actor) =>
        actor is IAdapted adapted ? adapted.Actor.Unwrap() : actor;

    private interface IAdapted
    {
        IActorRef Actor { get; }
    }

    private sealed class Adapted<TIn, T>(IActorRef<T> actor, Func<TIn, T> translate)
        : IActorRef<TIn>,
            IAdapted
    {
        public IActorRef Actor => actor;

        public string Path => actor.Path;

        public string Name => actor.Name;

        public void Tell(TIn message) => actor.Tell(translate(message));
    }
}
