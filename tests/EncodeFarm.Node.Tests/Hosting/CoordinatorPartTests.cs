using EncodeFarm.Actors.Persistence;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Hosting;
using EncodeFarm.Node.Logging;

namespace EncodeFarm.Node.Tests.Hosting;

public sealed class CoordinatorPartTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private bool _mayDecide = true;

    public void Dispose() => _directory.Dispose();

    /// <summary>As after SIGCONT: the clock says that the right is gone, and nobody has been told yet.</summary>
    [Fact]
    public async Task A_term_whose_right_is_gone_answers_nobody_though_it_was_not_told_yet()
    {
        var seat = new QuietSeat(
            await SqliteSeat.OpenAsync(_directory.File("journal"), TimeProvider.System, default),
            () => _mayDecide
        );
        var decides = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var log = new FarmLog(
            line =>
            {
                if (line.Contains("decides now", StringComparison.Ordinal))
                {
                    decides.TrySetResult();
                }
            },
            LogFormat.Human,
            LogLevel.Info,
            false,
            TimeProvider.System
        );
        await using var part = new CoordinatorPart(seat, BeginAsync, log, TimeProvider.System);
        part.Start();
        await decides.Task.WaitAsync(TimeSpan.FromMinutes(1));
        part.Term.ShouldNotBeNull();

        _mayDecide = false;

        part.Term.ShouldBeNull();
    }

    [Fact]
    public async Task A_right_that_is_lost_while_it_is_taken_up_is_followed_by_the_next()
    {
        var seat = new HandSeat();
        var log = new FarmLog(_ => { }, LogFormat.Human, LogLevel.Info, false, TimeProvider.System);
        var begun = new TestProbe<long>();
        var part = new CoordinatorPart(seat, BreakOffAsync, log, TimeProvider.System);
        part.Start();
        seat.Acquired(new Mandate(1, null!, null!, () => true));
        (await begun.ReceiveAsync()).ShouldBe(1);

        seat.Lost("The lease has run out.");
        seat.Acquired(new Mandate(2, null!, null!, () => true));

        (await begun.ReceiveAsync()).ShouldBe(2);
        await Should.NotThrowAsync(() => part.DisposeAsync().AsTask());

        async Task<CoordinatorTerm> BreakOffAsync(Mandate mandate, CancellationToken cancellation)
        {
            var broken = new TaskCompletionSource<CoordinatorTerm>(
                TaskCreationOptions.RunContinuationsAsynchronously
            );
            // What is under way does not always end as a cancellation.
            cancellation.Register(() => broken.SetException(new IOException("It was cut off.")));
            begun.Tell(mandate.Epoch);
            return await broken.Task;
        }
    }

    /// <summary>Gives the right and takes it as the test says.</summary>
    private sealed class HandSeat : ISeat
    {
        public Action<Mandate> Acquired { get; private set; } = _ => { };

        public Action<string> Lost { get; private set; } = _ => { };

        public IJournal Reader => throw new InvalidOperationException("Nothing is read.");

        public void Apply(Action<Mandate> acquired, Action<string> lost) =>
            (Acquired, Lost) = (acquired, lost);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private Task<CoordinatorTerm> BeginAsync(Mandate mandate, CancellationToken cancellation) =>
        CoordinatorTerm.BeginAsync(
            new TermOptions(
                mandate.Epoch,
                _directory.File("jobs"),
                "tools",
                1,
                RetryPolicy.Default,
                new JoinCheck("", JoinCheck.CurrentProtocol),
                new FailureLimits(),
                MemberTable.Empty,
                mandate.MayDecide,
                TimeProvider.System,
                _ => { },
                (_, _) => { }
            ),
            new InProcessNetwork(TimeProvider.System, _ => { }).Join(
                new EncodeFarm.Cluster.NodeAddress("c", "c1")
            ),
            mandate.Journal,
            mandate.Index,
            new DirectoryStore(_directory.File("store")),
            // No job is submitted: nothing is asked of it.
            media: null!,
            cancellation
        );

    /// <summary>Never says that the right is lost.</summary>
    private sealed class QuietSeat(SqliteSeat seat, Func<bool> mayDecide) : ISeat
    {
        public IJournal Reader => seat.Reader;

        public void Apply(Action<Mandate> acquired, Action<string> lost) =>
            seat.Apply(mandate => acquired(mandate with { MayDecide = mayDecide }), lost);

        public ValueTask DisposeAsync() => seat.DisposeAsync();
    }
}
