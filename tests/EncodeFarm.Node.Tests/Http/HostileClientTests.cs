using System.Net;
using System.Net.Sockets;
using System.Text;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;
using EncodeFarm.Node.Http;

namespace EncodeFarm.Node.Tests.Http;

/// <summary>Clients that hang, flood or send rubbish do the others no harm.</summary>
public sealed class HostileClientTests : IAsyncDisposable
{
    private readonly ApiFixture _farm = new();
    private readonly HttpClient _http = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _farm.DisposeAsync();
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

    [Theory]
    [InlineData("/api/v1/jobs")]
    [InlineData("/control/run")]
    public async Task Bodies_that_come_slowly_shut_nobody_out(string path)
    {
        var server = await _farm.ServeAsync(change: options =>
            options with
            {
                MostConnections = 4,
            }
        );
        var slow = new List<TcpClient>();
        for (var at = 0; at < 8; at++)
        {
            var client = new TcpClient();
            slow.Add(client);
            await client.ConnectAsync(IPAddress.Loopback, server.Address.Port, Stop);
            await client
                .GetStream()
                .WriteAsync(
                    Encoding.ASCII.GetBytes(
                        $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n"
                    ),
                    Stop
                );
            // It is asked for its body, or made way for another: then its headers have been read.
            _ = await client.GetStream().ReadAsync(new byte[100], Stop);
        }

        (await _http.GetStringAsync(Url(server, "/health/live"), Stop)).ShouldContain("live");

        slow.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task A_flood_is_turned_away_and_does_no_harm()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _farm.Coordinator.Gate = gate.Task;
        var server = await _farm.ServeAsync(change: options => options with { MostRequests = 8 });

        var asked = Enumerable
            .Range(0, 200)
            .Select(_ => _http.GetAsync(Url(server, "/api/v1/jobs"), Stop))
            .ToList();
        // Eight have a place, and wait for the coordinator.
        var answers = Task.WhenEach(asked).GetAsyncEnumerator(Stop);
        for (var answered = 0; answered < 192; answered++)
        {
            await answers.MoveNextAsync();
            (await answers.Current).StatusCode.ShouldBe(HttpStatusCode.TooManyRequests);
        }
        gate.SetResult();

        (await Task.WhenAll(asked))
            .Count(answer => answer.StatusCode == HttpStatusCode.OK)
            .ShouldBe(8);
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

        // It would take for ever if writing waited for the one that never reads.
        var writing = Task.Run(() =>
        {
            for (var line = 0; line < 50_000; line++)
            {
                _farm.Log.Write(new LogLine(default, LogLevel.Info, new string('x', 200)));
            }
        });
        await writing.WaitAsync(TimeSpan.FromMinutes(1), Stop);

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

    private static FarmClient Client(HttpServer server) =>
        new($"127.0.0.1:{server.Address.Port}", null, TimeSpan.FromMinutes(1));

    private static string Url(HttpServer server, string path) =>
        $"http://127.0.0.1:{server.Address.Port}{path}";
}
