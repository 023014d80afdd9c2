using System.Net;
using System.Net.Http.Headers;
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
    public async Task A_second_node_takes_the_next_port()
    {
        await using var first = await StartAsync(null);
        await using var second = await StartAsync(null);

        second.Address.Port.ShouldNotBe(first.Address.Port);
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
        using var client = new FarmClient("127.0.0.1:1", null, TimeSpan.FromMinutes(1));

        var error = await Should.ThrowAsync<CannotConnectException>(() =>
            client.Api.JobsAsync(false, Stop)
        );

        error.Message.ShouldBe(
            "Can't connect to 127.0.0.1:1: nobody listens there. Is a node running there (encodefarm node --listen 127.0.0.1:1)?"
        );
    }

    private static FarmClient Client(HttpServer server) =>
        new($"127.0.0.1:{server.Address.Port}", null, TimeSpan.FromMinutes(1));

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
                Limits = ApiFixture.Patient,
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
