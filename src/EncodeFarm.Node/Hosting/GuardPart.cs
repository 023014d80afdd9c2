using EncodeFarm.Contracts.Control;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Tools;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;

namespace EncodeFarm.Node.Hosting;

/// <summary>Judges the machine's load for the worker.</summary>
public sealed class GuardPart : IGuardControl
{
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Lock _gate = new();
    private LoadGuard _guard;

    public GuardPart(GuardSettings settings, TimeProvider time)
    {
        _guard = LoadGuard.Open(settings.High, settings.Low);
        (_time, _start) = (time, time.GetTimestamp());
    }

    public string? Closed => Volatile.Read(ref _guard).Closed;

    public GuardRow Now
    {
        get
        {
            var guard = Volatile.Read(ref _guard);
            return new GuardRow(guard.High, guard.Low, guard.Load, guard.Closed);
        }
    }

    public void Change(int high, int low)
    {
        lock (_gate)
        {
            Volatile.Write(ref _guard, _guard with { High = high, Low = low });
        }
    }

    public void Look(LoadSample sample)
    {
        lock (_gate)
        {
            Volatile.Write(ref _guard, _guard.After(sample, _time.GetElapsedTime(_start)));
        }
    }
}
