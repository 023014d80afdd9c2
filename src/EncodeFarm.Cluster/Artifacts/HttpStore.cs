using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;

namespace EncodeFarm.Cluster.Artifacts;

/// <param name="Address">Where the store is now ("http://10.0.0.5:8080"), null while nobody knows.</param>
/// <param name="Token">Null where the store asks for none.</param>
public sealed record HttpStoreOptions(Func<Uri?> Address, string? Token)
{
    public TransferOptions Transfers { get; init; } = new();

    /// <summary>To a store without TLS nothing is sent, and no token.</summary>
    public bool TlsOnly { get; init; }
}

/// <summary>The artifact endpoint of a node with the role store (see <see cref="ArtifactWire"/>).</summary>
/// <param name="http">From <see cref="NewClient"/>, so that no limit of its own cuts a long transfer.</param>
public sealed class HttpStore(
    HttpClient http,
    HttpStoreOptions options,
    TimeProvider time,
    Action<ClusterLog> log
) : IArtifactStore
{
    readonly Transfers _transfers = new(options.Transfers, time, log);

    /// <summary>Without proxies and redirections: the token is for the store alone.</summary>
    /// <param name="secure">Says whom to believe over TLS; null for the machine's own list of authorities.</param>
    public static HttpClient NewClient(Func<SocketsHttpHandler, HttpMessageHandler>? secure = null)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        };
        return new(secure?.Invoke(handler) ?? handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    public async Task PutAsync(StoredArtifact artifact, string path, CancellationToken cancellation)
    {
        ArtifactName.Require(artifact.Name);
        var length = new FileInfo(path).Length;
        if (length != artifact.Length)
        {
            throw new ArtifactException(
                $"The file for the artifact '{artifact.Name}' has {length} bytes instead of {artifact.Length}: {path}."
            );
        }
        var held = 0L;
        await _transfers.RepeatAsync(
            $"To store '{artifact.Name}' at {Place}",
            async watch =>
            {
                if (await HeldAsync(artifact, watch) is not { } offset)
                {
                    return true;
                }
                held = offset;
                await UploadAsync(artifact, path, offset, watch);
                return true;
            },
            () => held,
            cancellation
        );
    }

    /// <summary>Bytes that the store holds of an upload that was cut; null when the artifact is stored.</summary>
    async Task<long?> HeldAsync(StoredArtifact artifact, TransferWatch watch)
    {
        using var request = UploadRequest(HttpMethod.Head, artifact);
        using var answer = await SendAsync(request, watch);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => null,
            HttpStatusCode.NoContent => OffsetOf(answer),
            _ => throw await ErrorOfAsync(answer, artifact.Name, watch),
        };
    }

    static long OffsetOf(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues(ArtifactWire.Offset, out var values)
        && long.TryParse(values.First(), NumberStyles.None, null, out var offset)
            ? offset
            : throw new BrokenTransferException("The store does not say how many bytes it holds.");

    async Task UploadAsync(StoredArtifact artifact, string path, long offset, TransferWatch watch)
    {
        using var request = UploadRequest(HttpMethod.Put, artifact);
        request.Headers.Add(ArtifactWire.Offset, offset.ToString());
        // A refusal comes before the bytes are sent, not after.
        request.Headers.ExpectContinue = true;
        await using var file = FileCopy.OpenRead(path);
        request.Content = new UploadContent(file, offset, watch, options.Transfers);
        using var answer = await SendAsync(request, watch);
        if (answer.StatusCode is HttpStatusCode.UnprocessableEntity)
        {
            await RequireOwnContentAsync(artifact, path, watch.Caller);
        }
        if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Created))
        {
            throw await ErrorOfAsync(answer, artifact.Name, watch);
        }
    }

    /// <summary>A file that is not the artifact itself need not be sent again.</summary>
    static async Task RequireOwnContentAsync(
        StoredArtifact artifact,
        string path,
        CancellationToken cancellation
    )
    {
        if (!await ContentHash.FitsAsync(artifact, path, cancellation))
        {
            throw new ArtifactException(
                $"The file for the artifact '{artifact.Name}' is not what its SHA-256 says: {path}."
            );
        }
    }

    HttpRequestMessage UploadRequest(HttpMethod method, StoredArtifact artifact)
    {
        var request = Request(method, ArtifactWire.UploadPathOf(artifact.Name));
        request.Headers.Add(ArtifactWire.Length, artifact.Length.ToString());
        request.Headers.Add(ArtifactWire.Hash, artifact.Sha256);
        return request;
    }

    public Task<long?> FindAsync(string name, CancellationToken cancellation) =>
        _transfers.RepeatAsync<long?>(
            $"To find '{name}' at {Place}",
            async watch =>
            {
                using var request = Request(HttpMethod.Head, ArtifactWire.PathOf(name));
                using var answer = await SendAsync(request, watch);
                return answer.StatusCode switch
                {
                    HttpStatusCode.OK => answer.Content.Headers.ContentLength,
                    HttpStatusCode.NotFound => null,
                    _ => throw await ErrorOfAsync(answer, name, watch),
                };
            },
            () => 0,
            cancellation
        );

    public Task<string> FetchAsync(
        StoredArtifact artifact,
        string copy,
        CancellationToken cancellation
    ) =>
        Download.RunAsync(
            artifact,
            copy,
            Place,
            _transfers,
            (offset, watch) => OpenAsync(artifact, offset, watch),
            cancellation
        );

    async Task<Stream> OpenAsync(StoredArtifact artifact, long offset, TransferWatch watch)
    {
        using var request = Request(HttpMethod.Get, ArtifactWire.PathOf(artifact.Name));
        request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{artifact.Sha256}\""));
        request.Headers.Range = new RangeHeaderValue(offset, null);
        var answer = await SendAsync(request, watch);
        try
        {
            if (answer.StatusCode is not HttpStatusCode.PartialContent)
            {
                throw await ErrorOfAsync(answer, artifact.Name, watch);
            }
            var range = answer.Content.Headers.ContentRange;
            return range?.From == offset && range.Length == artifact.Length
                ? await answer.Content.ReadAsStreamAsync(watch.Caller)
                : throw new BrokenTransferException(
                    $"The store sends {range} instead of bytes {offset} to {artifact.Length}."
                );
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellation) =>
        _transfers.RepeatAsync(
            $"To delete '{name}' at {Place}",
            async watch =>
            {
                using var request = Request(HttpMethod.Delete, ArtifactWire.PathOf(name));
                using var answer = await SendAsync(request, watch);
                return answer.StatusCode is HttpStatusCode.NoContent
                    ? true
                    : throw await ErrorOfAsync(answer, name, watch);
            },
            () => 0,
            cancellation
        );

    public Task<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellation) =>
        _transfers.RepeatAsync(
            $"To list '{prefix}' at {Place}",
            async watch =>
            {
                var query = $"{ArtifactWire.Artifacts}?prefix={Uri.EscapeDataString(prefix)}";
                using var request = Request(HttpMethod.Get, query);
                using var answer = await SendAsync(request, watch);
                return answer.StatusCode is HttpStatusCode.OK
                    ? await NamesAsync(answer, watch)
                    : throw await ErrorOfAsync(answer, prefix, watch);
            },
            () => 0,
            cancellation
        );

    Task<IReadOnlyList<string>> NamesAsync(HttpResponseMessage answer, TransferWatch watch) =>
        watch.NetworkAsync(
            async token =>
                await answer.Content.ReadFromJsonAsync(
                    ArtifactWireJson.Default.IReadOnlyListString,
                    token
                ) ?? [],
            options.Transfers.AnswerLimit
        );

    string Place => options.Address()?.GetLeftPart(UriPartial.Authority) ?? "the store";

    HttpRequestMessage Request(HttpMethod method, string path)
    {
        var address =
            options.Address()
            ?? throw new BrokenTransferException("The store's address is not known yet.");
        if (options.TlsOnly && address.Scheme != Uri.UriSchemeHttps)
        {
            throw new BrokenTransferException(
                "The store's node has no TLS, and this node speaks nothing else (tls.authority): give that one a certificate (tls.certificate)."
            );
        }
        var request = new HttpRequestMessage(method, new Uri(address, path));
        if (options.Token is { } token)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        return request;
    }

    /// <exception cref="BrokenTransferException">No answer, or one that is not the endpoint's: a proxy's page, another server at the port.</exception>
    async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, TransferWatch watch)
    {
        var answer = await watch.NetworkAsync(
            token => http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token),
            options.Transfers.AnswerLimit
        );
        if (answer.Headers.Contains(ArtifactWire.Mark))
        {
            return answer;
        }
        using (answer)
        {
            throw new BrokenTransferException(
                $"The answer ({(int)answer.StatusCode} {answer.ReasonPhrase}) is not an artifact store's."
            );
        }
    }

    /// <summary>An error that is final is an <see cref="ArtifactException"/>.</summary>
    async Task<Exception> ErrorOfAsync(HttpResponseMessage answer, string name, TransferWatch watch)
    {
        var words = await WordsOfAsync(answer, watch);
        return answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new ArtifactException(
                $"The store at {Place} refuses this node's token. Give the node the token of the store (--token)."
            ),
            HttpStatusCode.NotFound => new ArtifactLostException(
                $"The artifact '{name}' is missing."
            ),
            HttpStatusCode.PreconditionFailed => new ArtifactLostException(
                $"The artifact '{name}' is damaged: its content at {Place} is not what its SHA-256 says."
            ),
            HttpStatusCode.Conflict => new ArtifactException(
                $"The artifact '{name}' exists already at {Place}, with other content."
            ),
            HttpStatusCode.BadRequest => new ArtifactException(
                $"The store at {Place} refuses '{name}': {words}"
            ),
            HttpStatusCode.UnprocessableEntity => new BrokenTransferException(words, altered: true),
            _ => new BrokenTransferException(words),
        };
    }

    /// <summary>The endpoint's errors are a sentence each.</summary>
    async Task<string> WordsOfAsync(HttpResponseMessage answer, TransferWatch watch)
    {
        const int longest = 1000;
        if (answer.Content.Headers.ContentLength is not (> 0 and <= longest))
        {
            return $"The store answers {(int)answer.StatusCode} {answer.ReasonPhrase}.";
        }
        return await watch.NetworkAsync(
            answer.Content.ReadAsStringAsync,
            options.Transfers.StallLimit
        );
    }
}
