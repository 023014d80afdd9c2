using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Hosting;

namespace EncodeFarm.Node.Tests.Hosting;

public sealed class ResourceWatchTests
{
    [Theory]
    // 80 % of the machine's, as far as others leave it.
    [InlineData(1000L, 900L, 0L, null, 800L, 800L)]
    [InlineData(1000L, 300L, 0L, null, 800L, 300L)]
    // What attempts hold already is theirs.
    [InlineData(1000L, 300L, 400L, null, 800L, 700L)]
    // What an operator has said is the limit.
    [InlineData(1000L, 900L, 0L, 950L, 950L, 900L)]
    [InlineData(1000L, 900L, 0L, 200L, 200L, 200L)]
    // Where it is not known what is free, the limit stands.
    [InlineData(1000L, null, 0L, null, 800L, 800L)]
    [InlineData(1000L, 300L, null, null, 800L, 800L)]
    [InlineData(null, null, null, null, null, null)]
    public void Attempts_may_take_what_is_free_or_theirs(
        long? total,
        long? free,
        long? tools,
        long? set,
        long? limit,
        long? room
    )
    {
        var memory = total is { } known ? new MachineMemory(known, free) : null;

        var resources = ResourceWatch.Of(4, memory, tools, set);

        (resources.AttemptLimit, resources.AttemptRoom).ShouldBe((limit, room));
        (resources.Cores, resources.Memory, resources.MemoryFree).ShouldBe((4, total, free));
    }

    [Fact]
    public void This_machine_is_seen_at_once()
    {
        using var directory = new TestDirectory();
        using var worker = new ResourceWatch(
            directory.Path,
            null,
            new GuardBoard(50, 30, TimeProvider.System),
            TimeProvider.System,
            _ => { }
        );
        using var store = new ResourceWatch(
            directory.Path,
            null,
            null,
            TimeProvider.System,
            _ => { }
        );

        worker.Now!.Cores.ShouldBe(Environment.ProcessorCount);
        worker.Now.DiskFree!.Value.ShouldBeGreaterThan(0);
        worker.Now.AttemptRoom!.Value.ShouldBeInRange(1, worker.Now.AttemptLimit!.Value);
        store.Now!.DiskFree!.Value.ShouldBeGreaterThan(0);
        store.Now.AttemptLimit.ShouldBeNull();
    }
}
