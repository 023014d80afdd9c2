using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;
using EncodeFarm.Node.Http;
using Microsoft.AspNetCore.Builder;

namespace EncodeFarm.Node.Tests.Http;

public sealed class HttpServerTests : IAsyncDisposable
{
    private const string Token = "0123456789abcdef";

    private readonly ApiFixture _farm = new();
    private readonly HttpClient _http = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _farm.DisposeAsync();
    }

    [Fact]
    public async Task A_job_is_submitted_and_followed_over_http_on_a_worker()
    {
        var server = await _farm.ServeAsync(worker: true);
        using var client = Client(server);

        var answer = await client.Api.SubmitAsync(
            new SubmitRequest(_farm.Files.Write("a.mkv", "video")),
            Stop
        );

        answer.Created.ShouldBeTrue();
        (await client.Api.JobsAsync(false, Stop)).Jobs.Single().Id.ShouldBe(answer.Job.Id);
        var events = FollowAsync(server, answer.Job.Id);
        await client.Api.CancelAsync(answer.Job.Id, Stop);
        _farm.Coordinator.Decide(answer.Job.Id, new WorkSwept());
        (await events).ShouldBe(["video-submitted.v1", "video-cancelled.v1", "work-cleaned.v1"]);
    }

    private async Task<List<string>> FollowAsync(HttpServer server, string job)
    {
        await using var lines = await _http.GetStreamAsync(
            Url(server, $"/api/v1/jobs/{job}/events?follow=true"),
            Stop
        );
        using var reader = new StreamReader(lines);
        var types = new List<string>();
        while (await reader.ReadLineAsync(Stop) is { } line)
        {
            types.Add(ContractsJson.Read<EventInfo>(line).Type);
        }
        return types;
    }

    [Fact]
    public async Task Problems_keep_their_status_and_words()
    {
        using var client = Client(await _farm.ServeAsync());

        var error = await Should.ThrowAsync<FarmApiException>(() =>
            client.Api.JobAsync("nothing/here?", Stop)
        );

        error.Status.ShouldBe(404);
        error.Problem.Error.ShouldBe("There is no job 'nothing/here?'.");
    }

    [Fact]
    public async Task Connections_that_say_nothing_shut_nobody_out()
    {
        var server = await _farm.ServeAsync(change: options =>
            options with
            {
                MostConnections = 4,
            }
        );
        var job = (
            await _farm.One_.SubmitAsync(
                new SubmitRequest(_farm.Files.Write("a.mkv", "video")),
                Stop
            )
        )
            .Job
            .Id;
        using var followed = await _http.GetAsync(
            Url(server, $"/api/v1/jobs/{job}/events?follow=true"),
            HttpCompletionOption.ResponseHeadersRead,
            Stop
        );
        var silent = new List<TcpClient>();
        for (var at = 0; at < 20; at++)
        {
            var client = new TcpClient();
            silent.Add(client);
            await client.ConnectAsync(IPAddress.Loopback, server.Address.Port, Stop);
            await client.GetStream().WriteAsync("GET /health/li"u8.ToArray(), Stop);
        }
        // Beside the stream there is room for three.
        var ends = Task.WhenEach(silent.Select(EndAsync)).GetAsyncEnumerator(Stop);
        for (var ended = 0; ended < 17; ended++)
        {
            await ends.MoveNextAsync();
        }

        using var other = new HttpClient();
        (await other.GetStringAsync(Url(server, "/health/live"), Stop)).ShouldContain("live");

        // Who is served was not disturbed.
        await _farm.One_.CancelAsync(job, Stop);
        _farm.Coordinator.Decide(job, new WorkSwept());
        (await followed.Content.ReadAsStringAsync(Stop)).ShouldContain("work-cleaned.v1");
        silent.ForEach(client => client.Dispose());

        static async Task EndAsync(TcpClient client)
        {
            try
            {
                while (await client.GetStream().ReadAsync(new byte[100], Stop) > 0) { }
            }
            catch (IOException)
            {
                // Reset: an end too.
            }
        }
    }

    [Fact]
    public async Task A_second_node_takes_the_next_port()
    {
        await using var first = await StartAsync(null);
        await using var second = await StartAsync(null);

        second.Address.Port.ShouldBeGreaterThan(first.Address.Port);
        first.Address.Port.ShouldBeGreaterThanOrEqualTo(9110);
    }

    [Fact]
    public async Task A_port_that_was_asked_for_and_is_taken_is_an_error()
    {
        var first = await _farm.ServeAsync();

        var error = await Should.ThrowAsync<FarmException>(() => StartAsync(first.Address));

        error.Message.ShouldBe(
            $"{first.Address} is taken by another program. Choose another port with --listen host:port."
        );
    }

    [Fact]
    public async Task An_address_of_another_machine_is_an_error()
    {
        var error = await Should.ThrowAsync<FarmException>(() =>
            StartAsync(ListenAddress.Parse("192.0.2.1:9110"))
        );

        error.Message.ShouldStartWith("It can't listen on 192.0.2.1:9110");
    }

    [Fact]
    public async Task Beyond_loopback_everything_but_health_wants_the_token()
    {
        await using var server = await StartAsync(ListenAddress.Parse("0.0.0.0:0"));

        foreach (var path in new[] { "/api/v1/jobs", "/control/palettes", "/metrics", "/more" })
        {
            var without = await _http.GetAsync(Url(server, path), Stop);
            without.StatusCode.ShouldBe(HttpStatusCode.Unauthorized, path);
            var wrong = await GetAsync(server, path, "another");
            wrong.StatusCode.ShouldBe(HttpStatusCode.Forbidden, path);
            (await GetAsync(server, path, Token)).StatusCode.ShouldBe(HttpStatusCode.OK, path);
        }
        (await _http.GetAsync(Url(server, "/health/live"), Stop)).StatusCode.ShouldBe(
            HttpStatusCode.OK
        );
    }

    [Fact]
    public async Task Further_routes_are_served()
    {
        var server = await _farm.ServeAsync(change: options =>
            options with
            {
                Routes = routes =>
                    routes.MapGet(
                        "/more",
                        (Microsoft.AspNetCore.Http.HttpContext context) =>
                            Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
                                context.Response,
                                "1"
                            )
                    ),
            }
        );

        (await _http.GetStringAsync(Url(server, "/more"), Stop)).ShouldBe("1");
    }

    [Fact]
    public async Task Readiness_says_what_is_missing()
    {
        var server = await _farm.ServeAsync(worker: true);
        (await _http.GetAsync(Url(server, "/health/ready"), Stop)).StatusCode.ShouldBe(
            HttpStatusCode.OK
        );

        _farm.NodeTwo.IsConnected = false;

        var answer = await _http.GetAsync(Url(server, "/health/ready"), Stop);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync(Stop)).ShouldContain("The broker is away.");
    }

    [Fact]
    public async Task Metrics_are_in_the_text_format()
    {
        _farm.Job("job");
        _farm.Running("job", (0, "two"));
        var server = await _farm.ServeAsync();

        var text = await _http.GetStringAsync(Url(server, "/metrics"), Stop);

        text.ShouldContain("# TYPE encodefarm_jobs gauge\n");
        text.ShouldContain("encodefarm_jobs{state=\"encoding\"} 1\n");
        text.ShouldContain("encodefarm_jobs{state=\"failed\"} 0\n");
        text.ShouldContain("encodefarm_attempts{node=\"two\"} 1\n");
        text.ShouldContain("encodefarm_segments{result=\"open\"} 3\n");
        text.ShouldContain("encodefarm_members{status=\"up\",reachable=\"true\"} 2\n");
        foreach (var line in text.TrimEnd().Split('\n').Where(line => line[0] != '#'))
        {
            line.ShouldMatch("""^[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[0-9.]+$""");
        }
    }

    [Fact]
    public void Whoever_is_nearer_to_the_client_waits_longer_and_it_for_2_s_at_most()
    {
        var limits = AnswerLimits.Standard;

        limits.Coordinator.ShouldBeLessThan(limits.Way);
        limits.Way.ShouldBeLessThan(limits.Node);
        limits.Node.ShouldBeLessThan(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task A_slow_coordinator_is_a_timeout()
    {
        await using var farm = new ApiFixture(AnswerLimits.Standard);
        farm.Coordinator.Delay = TimeSpan.FromMinutes(1);
        var server = await farm.ServeAsync();

        var answer = await _http.GetAsync(Url(server, "/api/v1/jobs"), Stop);

        answer.StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
    }

    [Fact]
    public async Task A_flood_is_turned_away_and_does_no_harm()
    {
        _farm.Coordinator.Delay = TimeSpan.FromSeconds(0.3);
        var server = await _farm.ServeAsync(change: options => options with { MostRequests = 8 });

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(_ => _http.GetAsync(Url(server, "/api/v1/jobs"), Stop))
        );

        var codes = answers.CountBy(answer => answer.StatusCode).ToDictionary();
        codes.Keys.ShouldBe([HttpStatusCode.OK, HttpStatusCode.TooManyRequests], ignoreOrder: true);
        codes[HttpStatusCode.OK].ShouldBeGreaterThanOrEqualTo(8);
        (await _http.GetAsync(Url(server, "/api/v1/jobs"), Stop)).StatusCode.ShouldBe(
            HttpStatusCode.OK
        );
    }

    [Fact]
    public async Task Rubbish_and_half_requests_do_no_harm()
    {
        // Whoever sends half a request and hangs takes no place from others.
        var server = await _farm.ServeAsync(change: options =>
            options with
            {
                MostRequests = 2,
                MostStreams = 2,
            }
        );
        var random = new Random(1);
        var sockets = new List<TcpClient>();
        try
        {
            for (var attempt = 0; attempt < 100; attempt++)
            {
                var rubbish = new byte[random.Next(1, 2000)];
                random.NextBytes(rubbish);
                var path = attempt % 4 == 1 ? "/control/run" : "/api/v1/jobs";
                var half = Encoding.ASCII.GetBytes(
                    $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{{"
                );
                var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, server.Address.Port, Stop);
                await client.GetStream().WriteAsync(attempt % 2 == 0 ? rubbish : half, Stop);
                sockets.Add(client);
            }

            using var good = Client(server);
            (await good.Api.JobsAsync(false, Stop)).Jobs.ShouldBeEmpty();
            await foreach (var line in good.RunAsync(new ControlRequest(["cluster", "show"]), Stop))
            {
                line.Problem.ShouldBeNull();
            }
        }
        finally
        {
            sockets.ForEach(socket => socket.Dispose());
        }
    }

    [Theory]
    [InlineData("[[[[[[[[")]
    [InlineData("null")]
    [InlineData("""{"words":null}""")]
    [InlineData("""{"words":["encode",null]}""")]
    [InlineData("""{"words":"encode"}""")]
    [InlineData("""{"words":["cluster","show"],"width":-5}""")]
    [InlineData("""{"words":["encode","watch"],"width":2147483647}""")]
    public async Task Any_body_gets_an_answer(string body)
    {
        var server = await _farm.ServeAsync();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        using var answer = await _http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, Url(server, "/control/run"))
            {
                Content = new StringContent(body),
            },
            HttpCompletionOption.ResponseHeadersRead,
            limit.Token
        );
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        var first = await reader.ReadLineAsync(Stop);

        Should.NotThrow(() => ContractsJson.Read<ControlLine>(first!));
        _farm.ServerLog.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_huge_body_is_refused()
    {
        var server = await _farm.ServeAsync();

        var answer = await _http.PostAsync(
            Url(server, "/api/v1/jobs"),
            new StringContent(new string('x', 1 << 20)),
            Stop
        );

        answer.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task A_client_that_tails_and_never_reads_holds_nobody_up()
    {
        var server = await _farm.ServeAsync();
        using var lazy = new TcpClient();
        await lazy.ConnectAsync(IPAddress.Loopback, server.Address.Port, Stop);
        var body = ContractsJson.Write(new ControlRequest(["log", "tail"]));
        await lazy.GetStream()
            .WriteAsync(
                Encoding.ASCII.GetBytes(
                    $"POST /control/run HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {body.Length}\r\n\r\n{body}"
                ),
                Stop
            );
        using var client = Client(server);
        var reading = ReadUntilAsync(client, "the last one");

        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (var line = 0; line < 50_000; line++)
        {
            _farm.Log.Write(new LogLine(default, LogLevel.Info, new string('x', 200)));
        }
        clock.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(5));

        while (!reading.IsCompleted)
        {
            _farm.Log.Write(new LogLine(default, LogLevel.Info, "the last one"));
            await Task.WhenAny(reading, Task.Delay(50, Stop));
        }
        await reading;
    }

    private static async Task ReadUntilAsync(FarmClient client, string words)
    {
        await foreach (var line in client.RunAsync(new ControlRequest(["log", "tail"]), Stop))
        {
            if (line.Text?.EndsWith(words, StringComparison.Ordinal) == true)
            {
                return;
            }
        }
    }

    [Fact]
    public async Task A_stopping_node_ends_its_streams()
    {
        var server = await StartAsync(ListenAddress.Parse("127.0.0.1:0"));
        using var client = Client(server);
        await using var lines = client
            .RunAsync(new ControlRequest(["log", "tail"]), Stop)
            .GetAsyncEnumerator(Stop);
        var next = lines.MoveNextAsync().AsTask();
        while (!next.IsCompleted)
        {
            _farm.Log.Write(new LogLine(default, LogLevel.Info, "hello"));
            await Task.WhenAny(next, Task.Delay(20, Stop));
        }

        await server.DisposeAsync();

        var ended = false;
        try
        {
            while (await lines.MoveNextAsync()) { }
            ended = true;
        }
        catch (ConnectionLostException)
        {
            ended = true;
        }
        ended.ShouldBeTrue();
    }

    [Fact]
    public async Task Nobody_there_is_said_with_what_to_try()
    {
        using var client = new FarmClient("127.0.0.1:1", null, TimeSpan.FromSeconds(5));

        var error = await Should.ThrowAsync<CannotConnectException>(() =>
            client.Api.JobsAsync(false, Stop)
        );

        error.Message.ShouldBe(
            "Can't connect to 127.0.0.1:1: nobody listens there. Is a node running there (encodefarm node --listen 127.0.0.1:1)?"
        );
    }

    private static FarmClient Client(HttpServer server) =>
        new($"127.0.0.1:{server.Address.Port}", null, TimeSpan.FromSeconds(10));

    private static string Url(HttpServer server, string path) =>
        $"http://127.0.0.1:{server.Address.Port}{path}";

    private async Task<HttpResponseMessage> GetAsync(HttpServer server, string path, string token)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Url(server, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await _http.SendAsync(request, Stop);
    }

    private Task<HttpServer> StartAsync(ListenAddress? address) =>
        HttpServer.StartAsync(
            new HttpServerOptions(address, Token, TimeProvider.System, (_, _) => { })
            {
                Routes = routes =>
                    routes.MapGet(
                        "/more",
                        (Microsoft.AspNetCore.Http.HttpContext context) =>
                            Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(
                                context.Response,
                                "more"
                            )
                    ),
            },
            _farm.NodeOne,
            _farm.ApiOne.HandleAsync,
            _farm.ControlOf(),
            Stop
        );
}
