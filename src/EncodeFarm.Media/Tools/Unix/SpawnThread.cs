using System.Collections.Concurrent;

namespace EncodeFarm.Media.Tools.Unix;

/// <summary>
/// The one thread that starts all children. Linux sends a child its parent-death signal when the <em>thread</em> that
/// started it ends, so that thread must live exactly as long as the farm's process.
/// </summary>
internal static class SpawnThread
{
    private const int StackBytes = 256 * 1024;

    private static readonly BlockingCollection<Action> Requests = Start();

    /// <summary>Runs the function on the spawning thread.</summary>
    internal static Task<T> Run<T>(Func<T> function)
    {
        var completion = new TaskCompletionSource<T>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        Requests.Add(() =>
        {
            try
            {
                completion.SetResult(function());
            }
            catch (Exception exception)
            {
                completion.SetException(exception);
            }
        });
        return completion.Task;
    }

    private static BlockingCollection<Action> Start()
    {
        var requests = new BlockingCollection<Action>();
        var thread = new Thread(() => Serve(requests), StackBytes)
        {
            IsBackground = true,
            Name = "spawn",
        };
        thread.Start();
        return requests;
    }

    private static void Serve(BlockingCollection<Action> requests)
    {
        ChildReaper.Listen();
        foreach (var request in requests.GetConsumingEnumerable())
            request();
    }
}
