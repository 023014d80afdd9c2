using EncodeFarm.Cluster.Members;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;

namespace EncodeFarm.Node.Tests.Control;

/// <summary>What goes on until somebody ends it.</summary>
public sealed class TailTests : ControlCaller
{
    [Fact]
    public async Task The_tail_of_the_cluster_shows_transitions()
    {
        await using var lines = Farm.ControlOf(worker: true)
            .RunAsync(Body("cluster tail"), Stop)
            .GetAsyncEnumerator(Stop);
        var next = lines.MoveNextAsync().AsTask();

        Farm.NodeTwo.Announce(
            new MemberReachability(ApiFixture.One.Address, true),
            new MemberChanged(ApiFixture.One.Address, MemberStatus.Up, MemberStatus.Down, "silent")
        );

        await next;
        lines.Current.Text.ShouldBe("03:04:05 | farm://encodefarm@127.0.0.1:9110 | unreachable");
        await lines.MoveNextAsync();
        lines.Current.Text.ShouldBe(
            "03:04:05 | farm://encodefarm@127.0.0.1:9110 | up -> down | silent"
        );
    }

    [Fact]
    public async Task Tails_say_how_much_they_have_dropped()
    {
        await using var events = Farm.ControlOf(worker: true)
            .RunAsync(Body("cluster tail"), Stop)
            .GetAsyncEnumerator(Stop);
        await using var log = Farm.ControlOf()
            .RunAsync(Body("log tail"), Stop)
            .GetAsyncEnumerator(Stop);
        var first = (events.MoveNextAsync().AsTask(), log.MoveNextAsync().AsTask());
        Happen(1);
        await Task.WhenAll(first.Item1, first.Item2);

        Happen(1003);

        await events.MoveNextAsync();
        await log.MoveNextAsync();
        events.Current.Text.ShouldBe("… 3 events were dropped: this reader is too slow.");
        events.Current.Json!.Value.GetProperty("dropped").GetInt64().ShouldBe(3);
        log.Current.Text.ShouldBe("… 3 lines were dropped: this reader is too slow.");
        await events.MoveNextAsync();
        events.Current.Text!.ShouldEndWith("unreachable");

        void Happen(int count)
        {
            for (var number = 0; number < count; number++)
            {
                Farm.NodeTwo.Announce(new MemberReachability(ApiFixture.One.Address, true));
                Farm.Log.Write(new LogLine(Samples.Start, LogLevel.Info, "a line"));
            }
        }
    }

    [Fact]
    public async Task The_log_is_peeked_and_tailed_by_level()
    {
        Farm.Log.Write(new LogLine(Samples.Start, LogLevel.Info, "one"));
        Farm.Log.Write(new LogLine(Samples.Start, LogLevel.Warning, "two"));

        (await TextAsync("log peek -n 1")).ShouldBe("03:04:05 warning two");

        await using var lines = Farm.ControlOf()
            .RunAsync(Body("log tail -l warning"), Stop)
            .GetAsyncEnumerator(Stop);
        var next = lines.MoveNextAsync().AsTask();
        Farm.Log.Write(new LogLine(Samples.Start, LogLevel.Info, "three"));
        Farm.Log.Write(new LogLine(Samples.Start, LogLevel.Error, "four"));
        await next;
        lines.Current.Text.ShouldBe("03:04:05 error   four");
    }
}
