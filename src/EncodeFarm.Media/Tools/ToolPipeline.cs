using EncodeFarm.Media.Tools.Unix;

namespace EncodeFarm.Media.Tools;

/// <summary>Programs of which the last reads what the others write into named pipes.</summary>
public static class ToolPipeline
{
    /// <summary>
    /// How long one side may take to end by itself after the other has. A producer whose pipe was never opened by its
    /// reader would wait for ever.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Runs all at once, each producer with a pipe of its own; when one fails the others are killed, and the failure that
    /// came first in cause is thrown. The consumer's result is the last.
    /// </summary>
    /// <exception cref="ToolFailedException">
    /// A producer's failure, unless it died of its reader's end; <see cref="ToolFailedException.Other"/> holds the
    /// second failure where two failed by themselves.
    /// </exception>
    /// <exception cref="OperationCanceledException">Cancelled; all are gone by then.</exception>
    public static async Task<IReadOnlyList<ToolResult>> RunPipelineAsync(
        this IToolRunner runner,
        IReadOnlyList<ToolCommand> producers,
        ToolCommand consumer,
        CancellationToken cancellation
    )
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var all = producers
            .Append(consumer)
            .Select(command => runner.RunAsync(AtOnce(command), stop.Token))
            .ToArray();

        await foreach (var ended in Task.WhenEach(all))
        {
            if (Failure(ended) is { } failure && !DiedOfItsReader(failure))
                await stop.CancelAsync();
            else if (ended.IsFaulted || ended == all[^1])
                stop.CancelAfter(Patience);
        }

        cancellation.ThrowIfCancellationRequested();
        if (all.All(run => run.IsCompletedSuccessfully))
            return await Task.WhenAll(all);
        throw Cause(all) ?? LoneProducer(producers, consumer, all);
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
        && (tool.Signal == Libc.SignalPipe || tool.ErrorTail.Contains("Broken pipe"));

    private static Exception? Cause(IReadOnlyList<Task> all)
    {
        var failures = all.Select(Failure).OfType<Exception>().ToList();
        var cause =
            failures.Find(failure => !DiedOfItsReader(failure)) ?? failures.FirstOrDefault();
        if (cause is ToolFailedException tool)
            tool.Other = failures.Find(failure => failure != cause);
        return cause;
    }

    private static ToolFailedException LoneProducer(
        IReadOnlyList<ToolCommand> producers,
        ToolCommand consumer,
        IReadOnlyList<Task> all
    )
    {
        var lone = producers.Where((_, i) => all[i].IsCanceled).FirstOrDefault() ?? consumer;
        return new(
            lone,
            ToolFailureKind.Stalled,
            exitCode: null,
            $"{Path.GetFileName(lone.Program)} was still writing when {Path.GetFileName(consumer.Program)} had ended.",
            errorTail: "",
            cpuSeconds: null
        );
    }
}
