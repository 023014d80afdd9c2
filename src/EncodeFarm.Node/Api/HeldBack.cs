namespace EncodeFarm.Node.Api;

/// <summary>Answers that come when there is something to tell.</summary>
public static class HeldBack
{
    /// <summary>Well within the time that an answer has.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(1);

    /// <returns>False where it has not come for so long.</returns>
    public static Task<bool> UntilAsync(
        Func<CancellationToken, Task> change,
        TimeProvider time,
        CancellationToken cancellation
    ) => UntilAsync(change, Longest, time, cancellation);

    /// <returns>False where it has not come for so long.</returns>
    public static async Task<bool> UntilAsync(
        Func<CancellationToken, Task> change,
        TimeSpan longest,
        TimeProvider time,
        CancellationToken cancellation
    )
    {
        using var limit = new CancellationTokenSource(longest, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(
            limit.Token,
            cancellation
        );
        try
        {
            await change(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
