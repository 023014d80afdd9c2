using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Node.Http;

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>The endpoint as a stranger sees it.</summary>
public sealed class EndpointTests : IAsyncLifetime
{
    const string Name = "job/a.ivf";
    readonly Contents _contents = new();
    readonly HttpClient _http = HttpStore.NewClient();
    EndpointHost _host = null!;
    StoredArtifact _artifact = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await EndpointHost.StartAsync(_contents);
        (_artifact, var path) = _contents.Make(Name, 1000);
        await _host.Client(_http).PutAsync(_artifact, path, default);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _host.DisposeAsync();
        _contents.Dispose();
    }

    Task<HttpResponseMessage> AskAsync(
        HttpMethod method,
        string path,
        Action<HttpRequestMessage>? change = null,
        string? token = EndpointHost.Token
    )
    {
        var request = new HttpRequestMessage(method, new Uri(_host.Address, path));
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
        change?.Invoke(request);
        return _http.SendAsync(request);
    }

    public static TheoryData<string, string> Routes =>
        new()
        {
            { "GET", ArtifactWire.PathOf(Name) },
            { "HEAD", ArtifactWire.PathOf(Name) },
            { "DELETE", ArtifactWire.PathOf(Name) },
            { "GET", $"{ArtifactWire.Artifacts}?prefix=" },
            { "HEAD", ArtifactWire.UploadPathOf(Name) },
            { "PUT", ArtifactWire.UploadPathOf(Name) },
        };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Nothing_is_told_or_done_without_the_token(string method, string path)
    {
        string?[] wrong =
        [
            null,
            "",
            "0",
            EndpointHost.Token[..^1],
            $"{EndpointHost.Token}0",
            EndpointHost.Token.ToUpperInvariant(),
        ];
        foreach (var token in wrong)
        {
            using var answer = await AskAsync(new(method), path, token: token);
            answer.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, token);
            (await answer.Content.ReadAsByteArrayAsync()).ShouldBeEmpty();
        }
        using var basic = await AskAsync(
            new(method),
            path,
            request =>
                request.Headers.Authorization = new AuthenticationHeaderValue(
                    "Basic",
                    EndpointHost.Token
                )
        );
        basic.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        File.Exists(_host.PlaceOf(Name)).ShouldBeTrue();
    }

    [Fact]
    public async Task Without_a_token_of_its_own_it_asks_for_none()
    {
        await using var open = await EndpointHost.StartAsync(_contents, token: null);
        using var answer = await _http.GetAsync(new Uri(open.Address, ArtifactWire.PathOf(Name)));

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_part_can_be_asked_for()
    {
        using var answer = await AskAsync(
            HttpMethod.Get,
            ArtifactWire.PathOf(Name),
            request =>
            {
                request.Headers.Range = new RangeHeaderValue(100, 199);
                request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{_artifact.Sha256}\""));
            }
        );

        answer.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        answer.Headers.ETag!.Tag.ShouldBe($"\"{_artifact.Sha256}\"");
        (await answer.Content.ReadAsByteArrayAsync()).ShouldBe(Contents.Bytes(1000)[100..200]);
    }

    [Fact]
    public async Task Another_content_than_expected_is_not_sent()
    {
        using var answer = await AskAsync(
            HttpMethod.Get,
            ArtifactWire.PathOf(Name),
            request =>
                request.Headers.IfMatch.Add(new EntityTagHeaderValue($"\"{new string('0', 64)}\""))
        );

        answer.StatusCode.ShouldBe(HttpStatusCode.PreconditionFailed);
    }

    /// <summary>As they stand on the wire: a client's library would tidy them up.</summary>
    [Theory]
    [InlineData("GET /artifacts/../../../../etc/passwd")]
    [InlineData("GET /artifacts/..%2f..%2f..%2f..%2fetc%2fpasswd")]
    [InlineData("GET /artifacts/%2e%2e/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("GET /artifacts//etc/passwd")]
    [InlineData("GET /artifacts/job/..%5c..%5csecret")]
    [InlineData("GET /artifacts/job/%00")]
    [InlineData("GET /artifacts?prefix=../")]
    [InlineData("DELETE /artifacts/job/../../secret")]
    [InlineData("DELETE /artifacts/..%2fsecret")]
    [InlineData("PUT /uploads/..%2fevil")]
    [InlineData("PUT /uploads/%2e%2e/evil")]
    public async Task No_path_leads_out_of_the_store(string request)
    {
        File.WriteAllText(_contents.PathOf("secret"), "root:");

        var answer = await RawAsync(
            $"{request} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {EndpointHost.Token}\r\n"
                + $"{ArtifactWire.Length}: 1\r\n{ArtifactWire.Hash}: {_artifact.Sha256}\r\n{ArtifactWire.Offset}: 0\r\n"
                + "Content-Length: 1\r\nConnection: close\r\n\r\nx"
        );

        answer.ShouldNotContain("root:");
        answer.ShouldMatch("^HTTP/1.1 4[0-9][0-9] ");
        File.Exists(_contents.PathOf("secret")).ShouldBeTrue();
        File.Exists(_contents.PathOf("evil")).ShouldBeFalse();
    }

    async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _host.Address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync();
    }

    Task<HttpResponseMessage> UploadAsync(
        StoredArtifact artifact,
        long offset,
        byte[] body,
        string? hash = null
    ) =>
        AskAsync(
            HttpMethod.Put,
            ArtifactWire.UploadPathOf(artifact.Name),
            request =>
            {
                request.Headers.Add(ArtifactWire.Length, $"{artifact.Length}");
                request.Headers.Add(ArtifactWire.Hash, hash ?? artifact.Sha256);
                request.Headers.Add(ArtifactWire.Offset, $"{offset}");
                request.Content = new ByteArrayContent(body);
            }
        );

    [Fact]
    public async Task An_upload_goes_on_only_where_the_store_is()
    {
        var bytes = Contents.Bytes(100);
        var artifact = Contents.Describe("job/b.ivf", bytes);

        using var late = await UploadAsync(artifact, 40, bytes[40..]);

        late.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        late.Headers.GetValues(ArtifactWire.Offset).Single().ShouldBe("0");
        using var whole = await UploadAsync(artifact, 0, bytes);
        whole.StatusCode.ShouldBe(HttpStatusCode.Created);
        using var again = await UploadAsync(artifact, 0, bytes);
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Other_bytes_than_their_hash_says_are_thrown_away()
    {
        var artifact = Contents.Describe("job/b.ivf", Contents.Bytes(100, seed: 1));

        using var answer = await UploadAsync(artifact, 0, Contents.Bytes(100, seed: 2));

        answer.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        _host.Unfinished.ShouldBeEmpty();
        File.Exists(_host.PlaceOf(artifact.Name)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("nothex")]
    [InlineData("../../../../evil")]
    public async Task A_hash_is_a_hash(string hash)
    {
        var artifact = Contents.Describe("job/b.ivf", Contents.Bytes(100));

        using var answer = await UploadAsync(artifact, 0, Contents.Bytes(100), hash);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task More_than_was_announced_is_not_taken()
    {
        var artifact = Contents.Describe("job/b.ivf", Contents.Bytes(100));

        using var answer = await UploadAsync(artifact, 0, Contents.Bytes(101));

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        _host.Unfinished.ShouldBeEmpty();
    }

    /// <summary>A sender whose line hangs comes back on another one.</summary>
    [Fact]
    public async Task A_new_request_takes_an_upload_over_from_one_that_hangs()
    {
        var bytes = Contents.Bytes(1000);
        var artifact = Contents.Describe("job/b.ivf", bytes);
        using var hanging = new TcpClient();
        await hanging.ConnectAsync(IPAddress.Loopback, _host.Address.Port);
        var stream = hanging.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes(
                $"PUT {ArtifactWire.UploadPathOf(artifact.Name)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {EndpointHost.Token}\r\n"
                    + $"{ArtifactWire.Length}: 1000\r\n{ArtifactWire.Hash}: {artifact.Sha256}\r\n{ArtifactWire.Offset}: 0\r\n"
                    + "Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n"
            )
        );
        // It asks for the body when it holds the upload.
        await stream.ReadExactlyAsync(new byte["HTTP/1.1 100 Continue\r\n\r\n".Length]);
        var path = _contents.PathOf("b");
        File.WriteAllBytes(path, bytes);

        await _host.Client(_http).PutAsync(artifact, path, default);

        Contents.ShouldHold(_host.PlaceOf(artifact.Name), artifact);
        var answer = new byte["HTTP/1.1 503".Length];
        await stream.ReadExactlyAsync(answer);
        Encoding.ASCII.GetString(answer).ShouldBe("HTTP/1.1 503");
    }

    [Fact]
    public async Task Uploads_that_nobody_goes_on_with_are_swept_after_a_day()
    {
        var time = new ManualTimeProvider();
        var uploads = new Uploads(_contents.PathOf("swept"), time);
        async Task BeginAsync(string name)
        {
            using var upload = await uploads.TakeAsync(_artifact with { Name = name }, default);
            await upload.TakeInAsync(new MemoryStream([1, 2, 3]), default);
        }
        string[] Files() => Directory.GetFiles(_contents.PathOf("swept"));
        await BeginAsync("old");
        File.SetLastWriteTimeUtc(Files().Single(), time.GetUtcNow().UtcDateTime);
        time.Advance(TimeSpan.FromHours(23));
        await BeginAsync("young");
        Files().Length.ShouldBe(2);

        time.Advance(TimeSpan.FromHours(2));
        await BeginAsync("new");

        Files().Length.ShouldBe(2);
    }

    [Theory]
    [InlineData("127.0.0.1", null, true)]
    [InlineData("localhost", "", true)]
    [InlineData("[::1]", null, true)]
    [InlineData("127.1.2.3", null, true)]
    [InlineData("0.0.0.0", null, false)]
    [InlineData("*", null, false)]
    [InlineData("::", "", false)]
    [InlineData("10.0.0.5", null, false)]
    [InlineData("localhost.example.org", null, false)]
    [InlineData("0.0.0.0", "short", false)]
    [InlineData("0.0.0.0", EndpointHost.Token, true)]
    public void Other_machines_are_let_in_only_with_a_token(string host, string? token, bool may)
    {
        var refusal = Exposure.Refuse(host, token, "http.token");

        (refusal is null).ShouldBe(may);
        (refusal?.Contains("http.token") ?? true).ShouldBeTrue();
    }
}
