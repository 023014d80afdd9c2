using System.Text;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Problem = EncodeFarm.Contracts.Problem;

namespace EncodeFarm.Node.Http;

/// <summary>What a node's listener answers.</summary>
/// <param name="connections">Told from when on one is busy.</param>
/// <param name="stopping">Ends the streams.</param>
sealed class Endpoints(
    HttpServerOptions options,
    INodeView node,
    ApiCall api,
    ControlHost? control,
    Connections connections,
    CancellationToken stopping
)
{
    private readonly Admission _requests = new(options.MostRequests);
    private readonly Admission _streams = new(options.MostStreams);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health/live", context => ReplyAsync(context, 200, """{"status":"live"}"""));
        routes.MapGet("/health/ready", ReadyAsync);
        routes.MapGet("/metrics", MetricsAsync);
        routes.MapMethods(ApiPaths.Root + "{**path}", ["GET", "POST"], ApiAsync);
        if (control is not null)
        {
            routes.MapGet(
                ApiPaths.Palettes,
                context => ReplyAsync(context, Replies.Ok(control.Palettes()))
            );
            routes.MapGet(ApiPaths.Values, ValuesAsync);
            routes.MapPost(ApiPaths.Run, RunAsync);
        }
    }

    public Task NothingAsync(HttpContext context) =>
        ReplyAsync(
            context,
            Replies.Problem(
                404,
                new Problem(
                    $"There is no {context.Request.Method} {context.Request.Path}.",
                    "See docs/api.md.",
                    ProblemKind.NotFound
                )
            )
        );

    /// <summary>
    /// A connection is busy from its headers on; where the API or a command is in the body, only when that has come: whoever
    /// sends it slowly makes way for others like one that says nothing.
    /// </summary>
    public async Task CountAsync(HttpContext context, RequestDelegate next)
    {
        var path = context.Request.Path;
        var reads = path.StartsWithSegments(ApiPaths.Root.TrimEnd('/')) || path == ApiPaths.Run;
        using var busy = reads ? null : connections.Request(context.Connection.Id);
        await next(context);
    }

    /// <summary>Lets in who may ask, and turns what goes wrong inside into an answer.</summary>
    public Func<HttpContext, RequestDelegate, Task> GuardAsync(Access access) =>
        async (context, next) =>
        {
            var headers = context.Request.Headers;
            var caller = new Caller(headers.Authorization, headers.Host, headers.Origin);
            var open = context.Request.Path.StartsWithSegments("/health");
            if (!open && access.Refuse(caller) is { } problem)
            {
                var known = caller.Authorization is null && caller.Origin is null;
                await ReplyAsync(context, Replies.Problem(known ? 401 : 403, problem));
                return;
            }
            try
            {
                await next(context);
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                // The client has gone.
            }
            catch (BadHttpRequestException error) when (!context.Response.HasStarted)
            {
                var refused = new Problem(error.Message, null, ProblemKind.Usage);
                await ReplyAsync(context, Replies.Problem(error.StatusCode, refused));
            }
            catch (Exception error)
            {
                options.Log(
                    LogLevel.Warning,
                    $"{context.Request.Method} {context.Request.Path} failed: {error}"
                );
                if (context.Response.HasStarted)
                {
                    context.Abort();
                }
                else
                {
                    await ReplyAsync(context, Replies.Of(error));
                }
            }
        };

    private Task ReadyAsync(HttpContext context) =>
        Health.NotReady(node) is { } reason
            ? ReplyAsync(
                context,
                Replies.Problem(503, new Problem(reason, null, ProblemKind.Unavailable))
            )
            : ReplyAsync(context, 200, """{"status":"ready"}""");

    private async Task MetricsAsync(HttpContext context)
    {
        using var place = await EnterAsync(_requests, context);
        if (place is null)
        {
            return;
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(options.Limits.Node);
        var jobs = node.Coordinator is { } coordinator
            ? await coordinator.JobsAsync(limit.Token)
            : [];
        context.Response.ContentType = Metrics.ContentType;
        await context.Response.WriteAsync(Metrics.Write(node, jobs, options.Time));
    }

    private async Task ApiAsync(HttpContext context)
    {
        var follow = context.Request.Query["follow"] == "true";
        // Read first: whoever sends half a request and hangs takes no place from others.
        var request = await RequestAsync(context);
        using var busy = connections.Request(context.Connection.Id);
        using var place = await EnterAsync(follow ? _streams : _requests, context);
        if (place is null)
        {
            return;
        }
        if (follow)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(
                context.RequestAborted,
                stopping
            );
            await new EventStream(AskAsync, options.Time).WriteAsync(context, request, end.Token);
            return;
        }
        await ReplyAsync(context, await AskAsync(request, context.RequestAborted));
    }

    private async Task<ApiReply> AskAsync(ApiRequest request, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Limits.Node);
        try
        {
            return await api.Apart()(request, limit.Token);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            return Replies.Of(error);
        }
    }

    private async Task ValuesAsync(HttpContext context)
    {
        using var place = await EnterAsync(_requests, context);
        if (place is null)
        {
            return;
        }
        var kind = (string?)context.Request.Query["kind"] ?? "";
        var word = (string?)context.Request.Query["word"] ?? "";
        var values = await control!.ValuesAsync(kind, word, context.RequestAborted);
        await ReplyAsync(context, Replies.Ok(values));
    }

    private async Task RunAsync(HttpContext context)
    {
        var body = await BodyAsync(context);
        using var busy = connections.Request(context.Connection.Id);
        using var place = await EnterAsync(_streams, context);
        if (place is null)
        {
            return;
        }
        using var end = CancellationTokenSource.CreateLinkedTokenSource(
            context.RequestAborted,
            stopping
        );
        await new LineStream(context, options.Time).WriteAsync(
            control!.RunAsync(body, end.Token),
            end.Token
        );
    }

    private static async Task<IDisposable?> EnterAsync(Admission admission, HttpContext context)
    {
        if (admission.Enter() is { } place)
        {
            return place;
        }
        context.Response.Headers.RetryAfter = "1";
        var problem = new Problem(
            "This node answers as many requests as it can.",
            "Try again in a second.",
            ProblemKind.Busy
        );
        await ReplyAsync(context, Replies.Problem(429, problem));
        return null;
    }

    /// <summary>The path as it was sent: its parts are decoded one by one, so that a part may hold a slash.</summary>
    private static async Task<ApiRequest> RequestAsync(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var path = target.Split('?')[0];
        return new ApiRequest(
            context.Request.Method,
            path.StartsWith(ApiPaths.Root, StringComparison.Ordinal)
                ? path[ApiPaths.Root.Length..]
                : "",
            context.Request.Query.Count == 0
                ? null
                : context.Request.Query.ToDictionary(pair => pair.Key, pair => $"{pair.Value}"),
            context.Request.Method == "POST" ? await BodyAsync(context) : null
        );
    }

    /// <summary>Null where there is none.</summary>
    private static async Task<string?> BodyAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        return body.Length == 0 ? null : body;
    }

    private static Task ReplyAsync(HttpContext context, ApiReply reply) =>
        ReplyAsync(context, reply.Status, reply.Json);

    private static Task ReplyAsync(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(json + "\n", context.RequestAborted);
    }
}
