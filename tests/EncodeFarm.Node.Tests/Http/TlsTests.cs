using EncodeFarm.Actors.Testing;
using EncodeFarm.Contracts;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Http;

namespace EncodeFarm.Node.Tests.Http;

/// <summary>A node's listener with TLS, asked by the clients that people use.</summary>
public sealed class TlsTests : IAsyncDisposable
{
    private readonly ApiFixture _farm = new();
    private readonly TestAuthority _authority;
    private readonly List<string> _log = [];

    public TlsTests() => _authority = new TestAuthority(_farm.Files.Path);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _authority.Dispose();
        return _farm.DisposeAsync();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("https://127.0.0.1")]
    [InlineData("https://localhost")]
    public async Task Whoever_knows_the_authority_asks_as_without_tls(string host)
    {
        var server = await ServeAsync(_authority.Issue());
        using var client = Client(server, host, _authority.File);

        var answer = await client.Api.SubmitAsync(
            new SubmitRequest(_farm.Files.Write("a.mkv", "video")),
            Stop
        );

        answer.Created.ShouldBeTrue();
        (await client.PalettesAsync(Stop)).Palettes.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_pfx_file_will_do()
    {
        var pfx = Path.Combine(_farm.Files.Path, "server.pfx");
        File.WriteAllBytes(
            pfx,
            _authority
                .Issue()
                .Whole.Export(
                    System.Security.Cryptography.X509Certificates.X509ContentType.Pfx,
                    "secret"
                )
        );
        var server = await ServeAsync(new TlsSettings(pfx, Password: "secret"));
        using var client = Client(server, "127.0.0.1", _authority.File);

        (await client.Api.JobsAsync(false, Stop)).Jobs.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_authority_that_the_machine_does_not_know_is_refused_and_named()
    {
        var server = await ServeAsync(_authority.Issue());

        (await RefusalAsync(server, "https://127.0.0.1", null)).ShouldBe(
            $"Can't connect to https://127.0.0.1:{server.Address.Port}: the certificate of 127.0.0.1 is signed by 'CN=test authority', an authority that this machine does not trust: name the PEM file with its certificate (tls.authority for nodes, --authority for clients)."
        );
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused()
    {
        using var other = new TestAuthority(_farm.Files.Path, "another");
        var server = await ServeAsync(_authority.Issue());

        (await RefusalAsync(server, "127.0.0.1", other.File)).ShouldEndWith(
            $"an authority that this machine does not trust: it is not one of those in {other.File}."
        );
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_refused()
    {
        var server = await ServeAsync(_authority.Issue(hosts: ["farm.example", "10.0.0.1"]));

        (await RefusalAsync(server, "127.0.0.1", _authority.File)).ShouldEndWith(
            "the certificate of 127.0.0.1 is not for that name, but for farm.example, 10.0.0.1: ask for one of these."
        );
    }

    [Fact]
    public async Task A_certificate_that_ran_out_while_the_node_ran_is_refused()
    {
        var now = DateTimeOffset.UtcNow;
        var (from, until) = (now.AddDays(-9), now.AddDays(-2));
        var server = await ServeAsync(
            _authority.Issue(from: from, until: until),
            new ManualTimeProvider(now.AddDays(-5))
        );

        (await RefusalAsync(server, "127.0.0.1", _authority.File)).ShouldEndWith(
            FormattableString.Invariant(
                $"is not valid now: it is from {from:yyyy-MM-dd HH:mm} to {until:yyyy-MM-dd HH:mm} UTC."
            )
        );
        _log.ShouldHaveSingleItem().ShouldContain("runs out on");
    }

    [Fact]
    public async Task Plain_http_to_a_port_with_tls_is_told_so()
    {
        var server = await ServeAsync(_authority.Issue());
        using var client = Client(server, "http://127.0.0.1", null);

        var error = await Should.ThrowAsync<FarmApiException>(() =>
            client.Api.JobsAsync(false, Stop)
        );

        error.Problem.Error.ShouldBe("This port speaks TLS, and was asked in plain HTTP.");
    }

    [Fact]
    public async Task Tls_to_a_port_without_it_is_told_so()
    {
        var server = await _farm.ServeAsync();

        (await RefusalAsync(server, "127.0.0.1", _authority.File)).ShouldBe(
            $"Can't connect to {server.Address}: {server.Address} speaks no TLS that this machine understands (Cannot determine the frame size or a corrupted frame was received); without TLS it is asked as http://{server.Address}."
        );
    }

    [Fact]
    public async Task The_token_is_wanted_with_tls_too()
    {
        var server = await ServeAsync(_authority.Issue(), token: "0123456789abcdef");
        using var client = new FarmClient(
            $"127.0.0.1:{server.Address.Port}",
            "wrong",
            TimeSpan.FromMinutes(1),
            ServerTrust.Of(_authority.File)
        );

        var error = await Should.ThrowAsync<FarmApiException>(() =>
            client.Api.JobsAsync(false, Stop)
        );

        error.Problem.Error.ShouldBe("The token is not this cluster's.");
    }

    [Fact]
    public async Task A_renewed_certificate_is_taken_within_a_minute()
    {
        var time = new ManualTimeProvider(DateTimeOffset.UtcNow);
        var first = _authority.Issue();
        var server = await ServeAsync(first, time);
        using var second = new TestAuthority(_farm.Files.Path, "another");
        (await AsksAsync(server, _authority)).ShouldBeTrue();

        // Only one of the two files is there yet: the former ones are kept.
        Renew(first.Key, "half a key");
        time.Advance(TimeSpan.FromMinutes(1));
        (await AsksAsync(server, _authority)).ShouldBeTrue();
        var renewed = second.Issue("renewed");
        Renew(first.Key, File.ReadAllText(renewed.Key));
        Renew(first.File, File.ReadAllText(renewed.File));
        (await AsksAsync(server, _authority)).ShouldBeTrue();
        time.Advance(TimeSpan.FromMinutes(1));

        (await AsksAsync(server, second)).ShouldBeTrue();
        (await AsksAsync(server, _authority)).ShouldBeFalse();
        _log.Count.ShouldBe(2);
        _log[0].ShouldStartWith("The former certificate is kept: ");
        _log[1].ShouldStartWith("The renewed certificate is taken; it is valid until ");
    }

    /// <summary>As files are written later than others.</summary>
    private void Renew(string file, string text)
    {
        File.WriteAllText(file, text);
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddSeconds(_log.Count + 1));
    }

    private static async Task<bool> AsksAsync(HttpServer server, TestAuthority authority)
    {
        using var client = Client(server, "127.0.0.1", authority.File);
        try
        {
            await client.Api.JobsAsync(false, Stop);
            return true;
        }
        catch (CannotConnectException)
        {
            return false;
        }
    }

    [Fact]
    public void A_name_that_the_certificate_is_not_for_is_told_at_the_start()
    {
        var certificate = _authority.Issue(hosts: ["farm.example", "10.0.0.1"]);
        var tls = Tls(new TlsSettings(certificate.File, certificate.Key))!;

        tls.Misnamed("10.0.0.1:9110").ShouldBeNull();
        tls.Misnamed("farm.example:9110").ShouldBeNull();
        tls.Misnamed("10.0.0.2:9110")
            .ShouldBe(
                "Others ask this node as '10.0.0.2' (node.advertise), but its certificate is for farm.example, 10.0.0.1: they will refuse it. Advertise one of these names, or have the certificate made for that one."
            );
    }

    private Task<HttpServer> ServeAsync(
        TestCertificate certificate,
        TimeProvider? time = null,
        string? token = null
    ) => ServeAsync(new TlsSettings(certificate.File, certificate.Key), time, token);

    private Task<HttpServer> ServeAsync(
        TlsSettings settings,
        TimeProvider? time = null,
        string? token = null
    )
    {
        var tls = Tls(settings, time);
        return _farm.ServeAsync(token: token, change: options => options with { Tls = tls });
    }

    private ServerTls? Tls(TlsSettings settings, TimeProvider? time = null) =>
        ServerTls.Of(settings, time ?? TimeProvider.System, (_, line) => _log.Add(line));

    private static async Task<string> RefusalAsync(
        HttpServer server,
        string host,
        string? authority
    )
    {
        using var client = Client(server, host, authority);
        var error = await Should.ThrowAsync<CannotConnectException>(() =>
            client.Api.JobsAsync(false, Stop)
        );
        return error.Message;
    }

    private static FarmClient Client(HttpServer server, string host, string? authority) =>
        new(
            $"{host}:{server.Address.Port}",
            null,
            TimeSpan.FromMinutes(1),
            ServerTrust.Of(authority)
        );
}
