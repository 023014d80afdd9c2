using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>How long a store that does not answer is asked, on a clock that the test moves.</summary>
public sealed class TransfersTests
{
    readonly ManualTimeProvider _time = new();
    readonly List<ClusterLog> _log = [];
    readonly List<DateTimeOffset> _asked = [];
    readonly TransferOptions _options = new()
    {
        Tries = 6,
        BackoffMin = TimeSpan.FromSeconds(1),
        BackoffMax = TimeSpan.FromSeconds(4),
    };

    HttpStore StoreOf(HttpMessageHandler handler) =>
        new(
            new HttpClient(handler),
            new HttpStoreOptions(() => new("http://store:8080"), null) { Transfers = _options },
            _time,
            _log.Add
        );

    /// <summary>Moves the clock until it is over.</summary>
    async Task<Exception> ErrorOfAsync(Task transfer)
    {
        while (!transfer.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(0.1));
            await Task.Yield();
        }
        return await Should.ThrowAsync<Exception>(() => transfer);
    }

    [Fact]
    public async Task Repetitions_come_later_and_later_up_to_a_limit()
    {
        using var handler = new Handler(_ =>
        {
            _asked.Add(_time.GetUtcNow());
            throw new HttpRequestException("Nobody there.");
        });

        var error = await ErrorOfAsync(StoreOf(handler).FindAsync("a.ivf", default));

        error.ShouldBeOfType<ArtifactException>();
        error.Message.ShouldBe(
            "To find 'a.ivf' at http://store:8080 failed 6 times in succession. The last time: Nobody there."
        );
        var pauses = _asked.Zip(_asked.Skip(1), (one, next) => (next - one).TotalSeconds).ToList();
        double[] longest = [1, 2, 4, 4, 4];
        pauses.Count.ShouldBe(5);
        foreach (var (pause, limit) in pauses.Zip(longest))
        {
            pause.ShouldBeInRange(0.7 * limit, limit + 0.2);
        }
        _log.Count.ShouldBe(5);
        _log.ShouldAllBe(line => line.Message.StartsWith("To find 'a.ivf' at http://store:8080:"));
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_given_up()
    {
        using var handler = new Handler(async token =>
        {
            _asked.Add(_time.GetUtcNow());
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        });

        var error = await ErrorOfAsync(StoreOf(handler).FindAsync("a.ivf", default));

        error.Message.ShouldContain("Nothing moved for too long.");
        _asked.Count.ShouldBe(6);
        (_asked[1] - _asked[0]).ShouldBeGreaterThan(_options.AnswerLimit);
    }

    [Fact]
    public async Task What_can_not_get_better_is_told_at_once()
    {
        using var handler = new Handler(_ =>
        {
            _asked.Add(_time.GetUtcNow());
            var answer = new HttpResponseMessage(System.Net.HttpStatusCode.Unauthorized);
            answer.Headers.Add(ArtifactWire.Mark, ArtifactWire.Version);
            return Task.FromResult(answer);
        });

        var error = await ErrorOfAsync(StoreOf(handler).FindAsync("a.ivf", default));

        error.Message.ShouldContain("refuses this node's token");
        _asked.Count.ShouldBe(1);
    }

    sealed class Handler(Func<CancellationToken, Task<HttpResponseMessage>> answer)
        : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => answer(cancellationToken);
    }
}
