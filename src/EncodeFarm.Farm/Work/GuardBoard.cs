using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Farm.Work;

/// <summary>The guard of a running worker, whose limits change while it runs. Safe from any thread.</summary>
public sealed class GuardBoard(int high, int low, TimeProvider time)
{
    readonly long _start = time.GetTimestamp();
    readonly Lock _gate = new();
    LoadGuard _guard = LoadGuard.Open(high, low);

    public GuardState Now
    {
        get
        {
            var guard = Volatile.Read(ref _guard);
            return new GuardState(
                guard.High,
                guard.Low,
                guard.Load is { } percent ? (int)Math.Round(percent) : null,
                guard.Closed
            );
        }
    }

    public void Change(int high, int low)
    {
        lock (_gate)
        {
            Volatile.Write(ref _guard, _guard.Within(high, low));
        }
    }

    public void Look(LoadSample sample)
    {
        lock (_gate)
        {
            Volatile.Write(ref _guard, _guard.After(sample, time.GetElapsedTime(_start)));
        }
    }
}
