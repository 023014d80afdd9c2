using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

/// <summary>Thousands of random schedules of messages, failures, restarts and stops.</summary>
public sealed class ScheduleTests
{
    private enum Kind
    {
        Plain,
        Yields,
        Fails,
        FailsAfterYield,
    }

    private readonly record struct Letter(int Sender, int Number, Kind Kind);

    [Fact]
    public async Task Each_message_is_handled_exactly_once_and_in_order_over_any_failures()
    {
        for (var seed = 0; seed < 2000; seed++)
            await RunAsync(seed);

        static async Task RunAsync(int seed)
        {
            var random = new Random(seed);
            await using var fixture = new Fixture(seed);
            var senders = random.Next(1, 5);
            var letters = Enumerable
                .Range(0, senders)
                .Select(sender =>
                    Enumerable
                        .Range(0, random.Next(30))
                        .Select(number => new Letter(sender, number, Pick(random)))
                        .ToArray()
                )
                .ToArray();
            var badStarts = new Queue<bool>(
                Enumerable.Range(0, 5).Select(_ => random.Next(3) == 0)
            );
            var log = new Recorder(badStarts);
            var actor = fixture.System.Spawn(
                "actor",
                () => new Worker(log),
                new Supervision
                {
                    MinBackoff =
                        random.Next(3) == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(100),
                }
            );

            var sending = letters
                .Select(own =>
                    Task.Run(() =>
                    {
                        foreach (var letter in own)
                            actor.Tell(letter);
                    })
                )
                .ToArray();
            do await fixture.RunDryAsync();
            while (!Task.WhenAll(sending).IsCompleted);
            await fixture.RunDryAsync();

            foreach (var own in letters)
                log.Entered.Where(letter => own.Length > 0 && letter.Sender == own[0].Sender)
                    .ShouldBe(own, $"seed {seed}");
            log.Left.ShouldBe(
                log.Entered.Where(letter => letter.Kind is Kind.Plain or Kind.Yields),
                $"seed {seed}"
            );
            log.Overlaps.ShouldBe(0);
            log.Lives.ShouldBe(log.Deaths + 1);
            fixture.System.DeadLetters.ShouldBe(0);
        }

        static Kind Pick(Random random) =>
            random.Next(10) switch
            {
                0 => Kind.Fails,
                1 => Kind.FailsAfterYield,
                < 5 => Kind.Yields,
                _ => Kind.Plain,
            };
    }

    [Fact]
    public async Task In_any_tree_every_message_is_either_handled_or_a_dead_letter()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            await using var fixture = new Fixture(seed);
            var forest = new Forest(random.Next());
            var roots = Enumerable
                .Range(0, 3)
                .Select(i => fixture.System.Spawn($"r{i}", () => new Node(forest, 2)))
                .ToArray();
            for (var i = 0; i < 100; i++)
            {
                forest.Told();
                roots[random.Next(roots.Length)].Tell(random.Next(12));
                if (random.Next(20) == 0)
                    fixture.Clock.Advance(TimeSpan.FromMilliseconds(random.Next(500)));
            }
            if (random.Next(2) == 0)
                await fixture.RunDryAsync();
            (await fixture.System.ShutdownAsync(TestProbe<int>.Patience)).ShouldBeTrue();

            (forest.HandledCount + fixture.System.DeadLetters).ShouldBe(
                forest.ToldCount,
                $"seed {seed}"
            );
            forest.Alive.ShouldBe(0, $"seed {seed}");
            await fixture.NoTimersAsync();
        }
    }

    private sealed class Recorder(Queue<bool> badStarts)
    {
        private int inside;

        public List<Letter> Entered { get; } = [];

        public List<Letter> Left { get; } = [];

        public int Overlaps { get; private set; }

        public int Lives { get; private set; }

        public int Deaths { get; set; }

        public void Start()
        {
            Lives++;
            if (badStarts.TryDequeue(out var bad) && bad)
                throw new Planned("start");
        }

        public void Enter(Letter letter)
        {
            Overlaps += Interlocked.Increment(ref inside) == 1 ? 0 : 1;
            Entered.Add(letter);
        }

        public void Leave() => Interlocked.Decrement(ref inside);
    }

    private sealed class Worker(Recorder log) : Actor<Letter>
    {
        protected override async ValueTask StartedAsync()
        {
            await Task.Yield();
            log.Start();
        }

        protected override async ValueTask ReceiveAsync(Letter message)
        {
            log.Enter(message);
            try
            {
                if (message.Kind is Kind.Yields or Kind.FailsAfterYield)
                    await Task.Yield();
                if (message.Kind is Kind.Fails or Kind.FailsAfterYield)
                    throw new Planned();
                log.Left.Add(message);
            }
            finally
            {
                log.Leave();
            }
        }

        protected override ValueTask StoppedAsync(Exception? cause)
        {
            log.Deaths += cause is null ? 0 : 1;
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>The books of all nodes, which run on many threads.</summary>
    private sealed class Forest(int seed)
    {
        private readonly Random random = new(seed);
        private int told;
        private int handled;
        private int alive;

        public int ToldCount => told;

        public int HandledCount => handled;

        public int Alive => alive;

        public void Told() => Interlocked.Increment(ref told);

        public void Handled() => Interlocked.Increment(ref handled);

        public void Lives(int change) => Interlocked.Add(ref alive, change);

        public int Next(int below)
        {
            lock (random)
                return random.Next(below);
        }
    }

    private sealed class Node(Forest forest, int depth) : Actor<int>
    {
        /// <summary>Handled without being told, so it stays out of the books.</summary>
        private const int FromTimer = -1;

        private readonly List<IActorRef<int>> children = [];

        protected override ValueTask StartedAsync()
        {
            forest.Lives(1);
            for (var i = 0; i < (depth == 0 ? 0 : 2); i++)
                children.Add(
                    Context.Spawn(
                        $"c{i}",
                        () => new Node(forest, depth - 1),
                        new Supervision
                        {
                            MinBackoff = TimeSpan.FromMilliseconds(forest.Next(2) * 50),
                            Decide = _ => (Directive)forest.Next(3),
                        }
                    )
                );
            if (forest.Next(10) == 0)
                throw new Planned("start");
            return ValueTask.CompletedTask;
        }

        protected override async ValueTask ReceiveAsync(int message)
        {
            if (message != FromTimer)
                forest.Handled();
            if (message == 0)
                throw new Planned();
            if (message == 1)
                await Task.Yield();
            if (message == 2 && children.Count > 0)
                Context.Stop(children[0]);
            if (message == 3 && depth == 0)
                Context.StopSelf();
            if (message == 4)
                Context.StartTimer("t", TimeSpan.FromMilliseconds(10), FromTimer);
            foreach (var child in children)
            {
                forest.Told();
                child.Tell(forest.Next(12));
            }
        }

        protected override ValueTask StoppedAsync(Exception? cause)
        {
            forest.Lives(-1);
            return ValueTask.CompletedTask;
        }
    }
}
