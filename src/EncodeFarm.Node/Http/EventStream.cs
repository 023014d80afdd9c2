using System.Runtime.CompilerServices;
using EncodeFarm.Contracts;
using Microsoft.AspNetCore.Http;

namespace EncodeFarm.Node.Http;

/// <summary>
/// A job's journal as a stream: pages are asked for one after the other, each of which the coordinator holds back until
/// there is something in it. So any node can serve it, and a coordinator that changes in the middle costs nothing but a
/// pause.
/// </summary>
public sealed class EventStream(ApiCall api, TimeProvider time)
{
    /// <summary>Where nobody answers, or the coordinator is of a version that does not wait.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    public async Task WriteAsync(
        HttpContext context,
        ApiRequest request,
        CancellationToken cancellation
    )
    {
        var first = await api(request, cancellation);
        if (!first.Ok || !request.Path.EndsWith("/events", StringComparison.Ordinal))
        {
            context.Response.StatusCode = first.Status;
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(first.Json + "\n", cancellation);
            return;
        }
        await new LineStream(context, time).WriteAsync(
            FollowAsync(request, ContractsJson.Read<EventPage>(first.Json), cancellation),
            cancellation
        );
    }

    private async IAsyncEnumerable<EventInfo> FollowAsync(
        ApiRequest request,
        EventPage page,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        while (true)
        {
            foreach (var happened in page.Events)
            {
                yield return happened;
            }
            if (page.Over)
            {
                yield break;
            }
            if (page is { Events.Count: 0, Waited: false })
            {
                await Task.Delay(Pause, time, cancellation);
            }
            var query = new Dictionary<string, string>
            {
                ["after"] = page.Next.ToString(),
                ["wait"] = "true",
            };
            var reply = await api(request with { Query = query }, cancellation);
            page = reply.Ok
                ? ContractsJson.Read<EventPage>(reply.Json)
                : page with
                {
                    Events = [],
                    Waited = false,
                };
        }
    }
}
