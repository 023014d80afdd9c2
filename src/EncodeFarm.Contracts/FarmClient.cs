using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Contracts;

/// <summary>The node can't be reached at all.</summary>
public sealed class CannotConnectException(string message, Exception? inner = null)
    : Exception(message, inner);

/// <summary>The connection was lost in the middle of an answer.</summary>
public sealed class ConnectionLostException(string message, Exception? inner = null)
    : Exception(message, inner);

/// <summary>Talks to one node over HTTP.</summary>
/// <exception cref="CannotConnectException">From every method.</exception>
/// <exception cref="TimeoutException">From every method that gives one answer.</exception>
public sealed class FarmClient : IDisposable
{
    /// <summary>A host that does not answer a connection by then is not there. Whoever has more time for an answer waits longer, but not for ever.</summary>
    private static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestConnectLimit = TimeSpan.FromSeconds(30);

    /// <summary>A stream that has nothing to say sends an empty line every 10 s.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly TimeSpan _limit;

    /// <summary>What to say of a token that <see cref="CanSend"/> refuses.</summary>
    public const string UnsendableToken =
        "The token has other characters than ASCII letters, digits and signs, such as a blank or a line end. Look where it comes from: --token, or ENCODEFARM_TOKEN.";

    /// <summary>A token travels in a header.</summary>
    public static bool CanSend(string token) => token.All(letter => letter is > ' ' and <= '~');

    /// <param name="node">See <see cref="NodeUri"/>. Where it does not say it, TLS is spoken if <paramref name="trust"/> names authorities.</param>
    /// <param name="token">Of the cluster; null or empty for none.</param>
    /// <param name="limit">Time for each answer; streams have none.</param>
    /// <param name="trust">Null for <see cref="ServerTrust.Machine"/>.</param>
    public FarmClient(string node, string? token, TimeSpan limit, ServerTrust? trust = null)
    {
        trust ??= ServerTrust.Machine;
        (Node, _limit) = (node, limit);
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectLimitOf(limit),
            UseProxy = false,
        };
        _http = new HttpClient(trust.Over(handler))
        {
            BaseAddress = NodeUri.Of(node, trust.IsGiven),
            Timeout = Timeout.InfiniteTimeSpan,
        };
        if (!string.IsNullOrEmpty(token))
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Bearer",
                token
            );
        }
        Api = new FarmApi(CallAsync);
    }

    private static TimeSpan ConnectLimitOf(TimeSpan answer)
    {
        if (answer < ConnectLimit)
        {
            return answer;
        }
        var half = answer / 2;
        return half < ConnectLimit ? ConnectLimit
            : half < LongestConnectLimit ? half
            : LongestConnectLimit;
    }

    /// <summary>As it was given.</summary>
    public string Node { get; }

    public FarmApi Api { get; }

    public async Task<PaletteList> PalettesAsync(CancellationToken cancellation) =>
        await ReadAsync<PaletteList>(ApiPaths.Palettes, cancellation);

    /// <param name="kind">What the argument's definition says: "job", "node", …</param>
    /// <param name="word">What is typed of it; an older node offers the same whatever it is.</param>
    public async Task<OfferedValues> ValuesAsync(
        string kind,
        string word,
        CancellationToken cancellation
    ) =>
        await ReadAsync<OfferedValues>(
            $"{ApiPaths.Values}?kind={Uri.EscapeDataString(kind)}&word={Uri.EscapeDataString(word)}",
            cancellation
        );

    /// <summary>Runs a command on the node; its lines come as they are made.</summary>
    /// <exception cref="ConnectionLostException">The node went away before the last line.</exception>
    public async IAsyncEnumerable<ControlLine> RunAsync(
        ControlRequest request,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var message = Message(HttpMethod.Post, ApiPaths.Run, ContractsJson.Write(request));
        await foreach (var line in LinesAsync(message, cancellation))
        {
            ControlLine read;
            try
            {
                read = ContractsJson.Read<ControlLine>(line);
            }
            catch (JsonException error)
            {
                throw Problems.Unreadable(error);
            }
            yield return read;
        }
    }

    /// <summary>Lines of an answer that goes on until the node or the caller ends it.</summary>
    private async IAsyncEnumerable<string> LinesAsync(
        HttpRequestMessage message,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        using var response = await SendAsync(message, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw Problems.Of(
                new ApiReply(
                    (int)response.StatusCode,
                    await response.Content.ReadAsStringAsync(cancellation)
                )
            );
        }
        using var reader = new StreamReader(
            await response.Content.ReadAsStreamAsync(cancellation),
            Encoding.UTF8
        );
        while (await NextAsync(reader, cancellation) is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    private static async Task<string?> NextAsync(
        StreamReader reader,
        CancellationToken cancellation
    )
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        silence.CancelAfter(Silence);
        try
        {
            return await reader.ReadLineAsync(silence.Token);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new ConnectionLostException("connection to host terminated.", error);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new ConnectionLostException("connection to host terminated.", error);
        }
    }

    private async Task<T> ReadAsync<T>(string path, CancellationToken cancellation)
    {
        var reply = await ReplyAsync(Message(HttpMethod.Get, path, null), cancellation);
        if (!reply.Ok)
        {
            throw Problems.Of(reply);
        }
        try
        {
            return ContractsJson.Read<T>(reply.Json);
        }
        catch (JsonException error)
        {
            throw Problems.Unreadable(error);
        }
    }

    private Task<ApiReply> CallAsync(ApiRequest request, CancellationToken cancellation)
    {
        var query = request.Query is null
            ? ""
            : "?"
                + string.Join(
                    '&',
                    request.Query.Select(pair =>
                        $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"
                    )
                );
        return ReplyAsync(
            Message(
                new HttpMethod(request.Method),
                $"{ApiPaths.Root}{request.Path}{query}",
                request.Body
            ),
            cancellation
        );
    }

    private async Task<ApiReply> ReplyAsync(
        HttpRequestMessage message,
        CancellationToken cancellation
    )
    {
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limited.CancelAfter(_limit);
        try
        {
            using var response = await SendAsync(message, limited.Token);
            return new ApiReply(
                (int)response.StatusCode,
                await response.Content.ReadAsStringAsync(limited.Token)
            );
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"{Node} did not answer within {_limit.TotalSeconds:0.####} s."
            );
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            throw new ConnectionLostException("connection to host terminated.", error);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage message,
        CancellationToken cancellation
    )
    {
        try
        {
            return await _http.SendAsync(
                message,
                HttpCompletionOption.ResponseHeadersRead,
                cancellation
            );
        }
        catch (Exception error) when (error is IOException || Interrupted(error))
        {
            throw new ConnectionLostException("connection to host terminated.", error);
        }
        catch (HttpRequestException error)
        {
            throw new CannotConnectException(
                $"Can't connect to {Node}: {Reason(error).TrimEnd('.')}.{Question(error)}",
                error
            );
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new CannotConnectException(
                $"Can't connect to {Node}: no answer. Is the address right, and does a firewall let it through?",
                error
            );
        }
    }

    /// <summary>The connection was there, and broke.</summary>
    private static bool Interrupted(Exception error) =>
        error
            is HttpRequestException
            {
                HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse
            };

    /// <summary>Who fails at TLS has found somebody.</summary>
    private string Question(HttpRequestException error) =>
        error.HttpRequestError is HttpRequestError.SecureConnectionError
            ? ""
            : $" Is a node running there (encodefarm node --listen {NodeUri.Bare(Node)})?";

    private static string Reason(HttpRequestException error) =>
        error.InnerException is SocketException socket
            ? socket.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "nobody listens there",
                SocketError.HostNotFound or SocketError.TryAgain => "there is no such host",
                SocketError.HostUnreachable or SocketError.NetworkUnreachable =>
                    "there is no way to that host",
                _ => socket.Message,
            }
            : error.Message;

    private static HttpRequestMessage Message(HttpMethod method, string path, string? body) =>
        new(method, path)
        {
            Content = body is null
                ? null
                : new StringContent(body, Encoding.UTF8, "application/json"),
        };

    public void Dispose() => _http.Dispose();
}
