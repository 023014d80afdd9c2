using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Work;

public abstract record WorkerMessage;

/// <summary>A command of a coordinator.</summary>
public sealed record Commanded(WireMessage Command) : WorkerMessage;

/// <summary>An attempt has come to its end, good or bad.</summary>
public sealed record AttemptEnded(AssignSegment Assignment, AttemptOutcome Outcome) : WorkerMessage;

/// <summary>The attempt's actor has stopped without a word: it was stopped, or it crashed.</summary>
public sealed record AttemptStopped(string Attempt) : WorkerMessage;

/// <summary>The encoded file of a kept result is gone or damaged: it can never be handed over.</summary>
public sealed record ResultGone(string Attempt) : WorkerMessage;

public sealed record BeatTick : WorkerMessage;

/// <summary>A coordinator of that epoch is there.</summary>
public sealed record EpochHeard(long Epoch) : WorkerMessage;

/// <summary>Another number of slots, from now on; running attempts finish.</summary>
public sealed record ChangeSlots(int Slots) : WorkerMessage;

/// <summary>Take nothing new any more, and say so when nothing runs and every result is published.</summary>
public sealed record FinishWork(string Reason, TaskCompletionSource Done) : WorkerMessage;

/// <summary>Stop what runs: it is handed back. Told when no heartbeat will list it any more.</summary>
public sealed record HandBack(TaskCompletionSource Done) : WorkerMessage;

/// <summary>The newest progress of an attempt: written by the encoder's thread, read by the heartbeat.</summary>
public sealed class ProgressCell(AttemptReport first) : IProgress<Media.Encode.AttemptProgress>
{
    volatile AttemptReport _latest = first;

    public AttemptReport Latest => _latest;

    public void Report(Media.Encode.AttemptProgress value) =>
        _latest = _latest with { Phase = value.Phase, Fraction = value.Fraction, Fps = value.Fps };
}
