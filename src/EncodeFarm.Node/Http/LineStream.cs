using EncodeFarm.Contracts;
using Microsoft.AspNetCore.Http;

namespace EncodeFarm.Node.Http;

/// <summary>
/// One JSON value a line, each sent as soon as it is there. In silence an empty line is sent now and then: so a client
/// that is gone is noticed. One that does not read is cut off by the server's least data rate.
/// </summary>
public sealed class LineStream(HttpContext context, TimeProvider time)
{
    public const string ContentType = "application/x-ndjson; charset=utf-8";

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    public async Task WriteAsync<T>(IAsyncEnumerable<T> lines, CancellationToken cancellation)
    {
        context.Response.ContentType = ContentType;
        await context.Response.StartAsync(cancellation);
        // The client shall know that it is heard, however long the first line takes.
        await context.Response.Body.FlushAsync(cancellation);
        await using var source = lines.GetAsyncEnumerator(cancellation);
        var next = source.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                var first = await Task.WhenAny(next, Task.Delay(Silence, time, waiting.Token));
                await waiting.CancelAsync();
                if (first != next)
                {
                    cancellation.ThrowIfCancellationRequested();
                    await SendAsync("", cancellation);
                    continue;
                }
                if (!await next)
                {
                    return;
                }
                await SendAsync(ContractsJson.Write(source.Current), cancellation);
                next = source.MoveNextAsync().AsTask();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The client has gone, or the node stops.
        }
        finally
        {
            // A source must not be disposed of while it looks for its next line.
            await next.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    private async Task SendAsync(string line, CancellationToken cancellation)
    {
        await context.Response.WriteAsync(line + "\n", cancellation);
        await context.Response.Body.FlushAsync(cancellation);
    }
}
