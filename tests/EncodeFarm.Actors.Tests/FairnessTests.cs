using EncodeFarm.Actors.Testing;

namespace EncodeFarm.Actors.Tests;

/// <summary>Takes the thread pool for itself, so it runs alone.</summary>
[CollectionDefinition(nameof(FairnessTests), DisableParallelization = true)]
public sealed class Alone;

/// <summary>The pool may not grow here: it would answer a shortage with ever more threads, and nobody would notice.</summary>
[Collection(nameof(FairnessTests))]
public sealed class FairnessTests
{
    private bool enough;

    [Fact]
    public void Busy_actors_let_the_others_have_their_turn() =>
        SomebodyElseHasATurn(
            (system, name) =>
                system
                    .Spawn(
                        name,
                        () =>
                            new Lambda<int>(
                                (context, message) =>
                                {
                                    if (!Volatile.Read(ref enough))
                                        context.Self.Tell(message);
                                }
                            )
                    )
                    .Tell(0)
        );

    [Fact]
    public void Endless_restarts_without_back_off_let_the_others_have_their_turn() =>
        SomebodyElseHasATurn(
            (system, name) =>
                system.Spawn<int>(
                    name,
                    () => throw new Planned(),
                    new Supervision
                    {
                        MinBackoff = TimeSpan.Zero,
                        MaxBackoff = TimeSpan.Zero,
                        Decide = _ =>
                            Volatile.Read(ref enough) ? Directive.Stop : Directive.Restart,
                    }
                )
        );

    private void SomebodyElseHasATurn(Action<ActorSystem, string> spawnGreedy)
    {
        var system = new ActorSystem("test");
        ThreadPool.GetMaxThreads(out var threads, out var ports);
        using var answered = new ManualResetEventSlim();
        try
        {
            ThreadPool.SetMaxThreads(Environment.ProcessorCount, ports).ShouldBeTrue();
            for (var i = 0; i < Environment.ProcessorCount * 4; i++)
                spawnGreedy(system, $"greedy{i}");
            system.Spawn("quiet", () => new Lambda<int>((_, _) => answered.Set())).Tell(1);

            answered.Wait(TestProbe<int>.Patience).ShouldBeTrue();
        }
        finally
        {
            Volatile.Write(ref enough, true);
            ThreadPool.SetMaxThreads(threads, ports);
        }
    }
}
