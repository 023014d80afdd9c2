using System.Diagnostics;
using System.Net;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;

namespace EncodeFarm.Node.Tests.Http;

/// <summary>What hangs in the coordinator's file system holds up nobody who asks, nor the questions after it.</summary>
public sealed class HangingFileTests : IAsyncDisposable
{
    /// <summary>
    /// With <see cref="AnswerLimits.Standard"/> the way from a node gives up 0.1 s after the coordinator, which on a busy
    /// machine may be first. Whoever is nearer to the client waits much longer here.
    /// </summary>
    private static readonly AnswerLimits Apart = new(
        TimeSpan.FromSeconds(2),
        TimeSpan.FromMinutes(1),
        TimeSpan.FromSeconds(2)
    );

    private readonly ApiFixture _farm = new(Apart);
    private readonly HttpClient _http = new();
    private readonly ManualResetEventSlim _end = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _end.Set();
        _http.Dispose();
        return _farm.DisposeAsync();
    }

    [Fact]
    public async Task Each_way_to_ask_gives_up_in_time_and_the_next_question_is_answered()
    {
        var server = await _farm.ServeAsync();
        var jobs = $"http://127.0.0.1:{server.Address.Port}/api/v1/jobs";
        var values = $"http://127.0.0.1:{server.Address.Port}{ApiPaths.Values}?kind=job";
        _farm.Coordinator.Hang = _end;

        var asked = _http.GetAsync(jobs, Stop);
        var completed = _http.GetStringAsync(values, Stop);
        var forwarded = _farm.ApiTwo.HandleAsync(new("GET", "jobs"), Stop);
        var commanded = LastAsync("encode list");

        (await asked).StatusCode.ShouldBe(HttpStatusCode.GatewayTimeout);
        ContractsJson.Read<OfferedValues>(await completed).Values.ShouldBeEmpty();
        (await forwarded).Status.ShouldBe(504);
        (await commanded).Exit.ShouldBe(ControlExit.Timeout);

        _farm.Coordinator.Hang = null;
        await AnsweredAsync(async () =>
            (await _farm.ApiTwo.HandleAsync(new("GET", "jobs"), Stop)).Ok
        );
        await AnsweredAsync(async () => (await _http.GetAsync(jobs, Stop)).IsSuccessStatusCode);
    }

    /// <summary>While those before still hang: but on a busy machine an answer may take longer than the limit.</summary>
    private static async Task AnsweredAsync(Func<Task<bool>> isAnswered)
    {
        var clock = Stopwatch.StartNew();
        while (!await isAnswered())
        {
            clock.Elapsed.ShouldBeLessThan(TimeSpan.FromMinutes(1));
        }
    }

    private async Task<ControlLine> LastAsync(string line)
    {
        var body = ContractsJson.Write(new ControlRequest(CommandText.Parse(line).Words));
        return await _farm.ControlOf().RunAsync(body, Stop).LastAsync(Stop);
    }
}
