namespace EncodeFarm.Actors;

public enum ActorState
{
    /// <summary>Being built; messages wait.</summary>
    Starting,
    Running,

    /// <summary>Failed, and waiting for its restart; messages wait.</summary>
    BackingOff,

    /// <summary>Its behaviour ends, for good or before a restart.</summary>
    Stopping,
    Stopped,
}

/// <param name="Type">Name of the behaviour's class.</param>
/// <param name="MailboxDepth">Messages that wait, and the one at hand.</param>
/// <param name="Restarts">Since it was spawned.</param>
/// <param name="LastFailure">Type and text of the last exception that ended a behaviour.</param>
public sealed record ActorInfo(
    string Path,
    string Type,
    int MailboxDepth,
    int Restarts,
    ActorState State,
    string? LastFailure
);
