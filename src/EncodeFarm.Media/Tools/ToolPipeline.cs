using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

public sealed record PipelineResult(ToolResult Producer, ToolResult Consumer);

/// <summary>Two programs of which the second reads what the first writes into a named pipe.</summary>
public static class ToolPipeline
{
    /// <summary>
    /// How long one side may take to end by itself after the other has. A producer whose pipe was never opened by its
    /// reader would wait for ever.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Runs both at once; when one fails the other is killed, and the failure that came first in cause is thrown.</summary>
    /// <exception cref="ToolFailedException">
    /// The producer's failure, unless it died of its reader's end; <see cref="ToolFailedException.Other"/> holds the
    /// second failure where both failed by themselves.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; both are gone by then.</exception>
    public static async Task<PipelineResult> RunPipelineAsync(
        this IToolRunner runner,
        ToolCommand producer,
        ToolCommand consumer,
        CancellationToken cancellation
    )
    {
        using var stopProducer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var stopConsumer = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var producing = runner.RunAsync(AtOnce(producer), stopProducer.Token);
        var consuming = runner.RunAsync(AtOnce(consumer), stopConsumer.Token);

        var first = await Task.WhenAny(producing, consuming).ConfigureAwait(false);
        if (first == producing && Failure(producing) is { } failure)
            stopConsumer.CancelAfter(DiedOfItsReader(failure) ? Patience : TimeSpan.Zero);
        if (first == consuming)
            stopProducer.CancelAfter(consuming.IsCompletedSuccessfully ? Patience : TimeSpan.Zero);
        await Task.WhenAll((Task)producing, consuming)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        cancellation.ThrowIfCancellationRequested();
        if (producing.IsCompletedSuccessfully && consuming.IsCompletedSuccessfully)
            return new PipelineResult(await producing, await consuming);
        throw Cause(Failure(producing), Failure(consuming)) ?? LoneProducer(producer, consumer);
    }

    // What is half written into a pipe has no value, and a program that waits for its pipe to be opened does not react
    // to a polite signal.
    private static ToolCommand AtOnce(ToolCommand command) =>
        command with
        {
            StopGrace = TimeSpan.Zero,
        };

    private static Exception? Failure(Task task) => task.Exception?.InnerException;

    private static bool DiedOfItsReader(Exception failure) =>
        failure is ToolFailedException tool
        && (
            tool.Signal == Libc.SignalPipe
            || tool.ErrorTail.Contains("Broken pipe", StringComparison.Ordinal)
        );

    private static Exception? Cause(Exception? producer, Exception? consumer)
    {
        var byReader = consumer is not null && producer is not null && DiedOfItsReader(producer);
        var (cause, other) = byReader ? (consumer, producer) : (producer ?? consumer, consumer);
        if (cause is ToolFailedException tool && cause != other)
            tool.Other = other;
        return cause;
    }

    private static ToolFailedException LoneProducer(ToolCommand producer, ToolCommand consumer) =>
        new(
            producer,
            ToolFailureKind.Stalled,
            exitCode: null,
            $"{Path.GetFileName(producer.Program)} was still writing when {Path.GetFileName(consumer.Program)} had ended.",
            errorTail: "",
            cpuSeconds: null
        );
}
