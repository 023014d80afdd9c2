using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

/// <summary>Takes the thread pool for itself, so it runs alone.</summary>
[CollectionDefinition(nameof(FairnessTests), DisableParallelization = true)]
public sealed class Alone;

[Collection(nameof(FairnessTests))]
public sealed class FairnessTests
{
    [Fact]
    public async Task Busy_actors_let_the_others_have_their_turn()
    {
        await using var fixture = new Fixture();
        ThreadPool.GetMaxThreads(out var threads, out var ports);
        var enough = false;
        using var answered = new ManualResetEventSlim();
        try
        {
            // Otherwise the pool answers a shortage with ever more threads, and nobody would notice.
            ThreadPool.SetMaxThreads(Environment.ProcessorCount, ports).ShouldBeTrue();
            for (var i = 0; i < Environment.ProcessorCount * 4; i++)
                fixture
                    .Spawn<int>(
                        (context, message) =>
                        {
                            if (!Volatile.Read(ref enough))
                                context.Self.Tell(message);
                        },
                        name: $"talker{i}"
                    )
                    .Tell(0);
            fixture.Spawn<int>((_, _) => answered.Set(), name: "quiet").Tell(1);

            answered.Wait(TestProbe<int>.Patience).ShouldBeTrue();
        }
        finally
        {
            Volatile.Write(ref enough, true);
            ThreadPool.SetMaxThreads(threads, ports);
        }
    }
}
