using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Mux;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Embedded;

namespace EncodeFarm.Node.Hosting;

/// <summary>Looks every 2 s what this machine has and how busy it is, for the heartbeat and for the guard.</summary>
public sealed class ResourceWatch : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(2);

    private readonly string _work;
    private readonly long? _limit;
    private readonly GuardBoard? _guard;
    private readonly Action<string> _warn;
    private readonly ITimer _timer;
    private NodeResources? _now;
    private bool _troubled;

    /// <param name="work">The work directory.</param>
    /// <param name="limit">Bytes for attempts where an operator has said it; null goes by the machine.</param>
    /// <param name="guard">Of a worker; null where there is none.</param>
    /// <param name="warn">Told once when the machine can't be looked at.</param>
    public ResourceWatch(
        string work,
        long? limit,
        GuardBoard? guard,
        TimeProvider time,
        Action<string> warn
    )
    {
        (_work, _limit, _guard, _warn) = (work, limit, guard, warn);
        TryLook();
        _timer = time.CreateTimer(_ => TryLook(), null, Period, Period);
    }

    public NodeResources? Now => Volatile.Read(ref _now);

    /// <summary>On a timer: what it throws would end the process.</summary>
    private void TryLook()
    {
        try
        {
            Look();
            _troubled = false;
        }
        catch (Exception error)
        {
            if (!_troubled)
            {
                _warn(
                    $"What this machine has can't be seen, and what was seen before counts: {error.Message}"
                );
            }
            _troubled = true;
        }
    }

    /// <summary>Both at one moment, so that an encoder that ends in between is not counted twice.</summary>
    private void Look()
    {
        var sample = _guard is null ? null : MachineLoad.Read();
        var memory = MachineMemory.Read();
        if (sample is { } load)
        {
            _guard!.Look(load);
        }
        var now = Of(Environment.ProcessorCount, memory, sample?.ToolMemory, _limit) with
        {
            DiskFree = DiskSpace.Free(_work),
            ForeignLoad = _guard?.Now.Load,
        };
        Volatile.Write(
            ref _now,
            _guard is null ? now with { AttemptLimit = null, AttemptRoom = null } : now
        );
    }

    /// <param name="tools">Bytes that our tools hold; null where not known.</param>
    /// <param name="limit">As an operator has said it; null is 80 % of the machine's.</param>
    public static NodeResources Of(int cores, MachineMemory? memory, long? tools, long? limit)
    {
        var attempts = AttemptLimits.Memory(limit, memory?.Total);
        return new NodeResources(cores, memory?.Total, memory?.Free, DiskFree: null)
        {
            AttemptLimit = attempts,
            // What attempts hold already is theirs to keep: only others' use makes room scarce.
            AttemptRoom =
                memory?.Free + tools is { } available && attempts is { } most
                    ? Math.Min(most, available)
                    : attempts,
        };
    }

    public void Dispose() => _timer.Dispose();
}
