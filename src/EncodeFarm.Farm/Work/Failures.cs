using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Farm.Work;

/// <summary>What an exception of the media room or of a store means for supervision.</summary>
public static class Failures
{
    public static AttemptOutcome.Failed OfAttempt(Exception error)
    {
        var broke = error as AttemptBrokeException;
        var failure = Of(broke?.InnerException ?? error);
        return new AttemptOutcome.Failed(failure.Kind, failure.Message) { Cpu = broke?.Cpu };
    }

    public static Failure Of(Exception error) =>
        error switch
        {
            TaskBrokeException task => Of(task.InnerException!),
            ToolFailedException tool => new Failure(KindOf(tool.Kind), tool.Message),
            FarmException farm => new Failure(KindOf(farm.Error), farm.Message),
            ArtifactException artifact => new Failure(FailureKind.Transfer, artifact.Message),
            IOException io when DiskSpace.IsUnusable(io) => new Failure(
                FailureKind.DiskFull,
                io.Message
            ),
            _ => new Failure(FailureKind.Tool, $"{error.GetType().Name}: {error.Message}"),
        };

    /// <summary>What an outcome says about the node that it happened on.</summary>
    public static AttemptVerdict VerdictOf(AttemptOutcome outcome) =>
        outcome switch
        {
            AttemptOutcome.Failed { Kind: FailureKind.ToolMissing or FailureKind.DiskFull } =>
                AttemptVerdict.Unfit,
            AttemptOutcome.Failed { Kind: FailureKind.BadInput or FailureKind.Transfer } =>
                AttemptVerdict.Nothing,
            AttemptOutcome.Failed => AttemptVerdict.Failed,
            _ => AttemptVerdict.Works,
        };

    static FailureKind KindOf(ToolFailureKind kind) =>
        kind switch
        {
            ToolFailureKind.Stalled => FailureKind.Stalled,
            ToolFailureKind.TimeLimit => FailureKind.TimeLimit,
            ToolFailureKind.OutOfMemory => FailureKind.OutOfMemory,
            ToolFailureKind.DiskFull => FailureKind.DiskFull,
            _ => FailureKind.Tool,
        };

    static FailureKind KindOf(FarmError error) =>
        error switch
        {
            FarmError.BadInput => FailureKind.BadInput,
            FarmError.BadOutput => FailureKind.BadOutput,
            FarmError.BadConfiguration => FailureKind.BadInput,
            FarmError.ToolMissing => FailureKind.ToolMissing,
            FarmError.DiskFull => FailureKind.DiskFull,
            FarmError.Invalid => FailureKind.Invalid,
            _ => FailureKind.Tool,
        };
}
