using System.Data.Common;

namespace EncodeFarm.Persistence;

/// <summary>One write that waits for the writer; it is told its outcome only after the commit.</summary>
internal abstract class SqliteWrite
{
    /// <summary>Runs the work inside the writer's transaction and keeps its outcome.</summary>
    /// <param name="sparesOthers">Whether a failure is this write's alone; any other is thrown and fails the whole batch.</param>
    public abstract Task RunAsync(DbConnection connection, Func<Exception, bool> sparesOthers);

    public abstract void Complete();

    public abstract void Fail(Exception failure);
}

internal sealed class SqliteWrite<T>(DatabaseWork<T> work, CancellationToken cancellation)
    : SqliteWrite
{
    // The actor goes on elsewhere: the writer's time belongs to the writes.
    private readonly TaskCompletionSource<T> _told = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private Task<T>? _outcome;

    public Task<T> Result => _told.Task;

    public override async Task RunAsync(DbConnection connection, Func<Exception, bool> sparesOthers)
    {
        try
        {
            cancellation.ThrowIfCancellationRequested();
            _outcome = Task.FromResult(await work(connection, CancellationToken.None));
        }
        catch (OperationCanceledException)
        {
            _outcome = Task.FromCanceled<T>(cancellation);
        }
        catch (Exception failure) when (sparesOthers(failure))
        {
            _outcome = Task.FromException<T>(failure);
        }
    }

    public override void Complete() => _told.SetFromTask(_outcome!);

    public override void Fail(Exception failure) => _told.SetException(failure);
}
