using EncodeFarm.Actors;

namespace EncodeFarm.Farm.Videos;

public abstract record VideoMessage;

/// <summary>Something for the decision; whoever wants to know what came of it gives an address.</summary>
public sealed record Handle(VideoInput Input, IActorRef<VideoAnswer>? ReplyTo = null)
    : VideoMessage;

/// <summary>Asks for the state, once it is recovered.</summary>
public sealed record Describe(IActorRef<VideoAnswer> ReplyTo) : VideoMessage;

/// <summary>A back-off may have ended.</summary>
public sealed record Wake : VideoMessage;

/// <summary>The job has been over for a while, and nobody has asked for it.</summary>
public sealed record Idle : VideoMessage;

/// <summary>It may end to save memory: its journal has all that it knows.</summary>
public sealed record Rest : VideoMessage;

/// <summary>The dispatcher has started anew and knows no offers.</summary>
public sealed record OfferAgain : VideoMessage;

/// <summary>A child has ended, with or without a report.</summary>
public sealed record TaskStopped(TaskId Task) : VideoMessage;

/// <param name="Refusal">Why it was not done; null where it was, or needed not to be.</param>
/// <param name="Error">The journal could not be written: ask again.</param>
public sealed record VideoAnswer(VideoState State, string? Refusal = null, string? Error = null);
