using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Farm.Tests;

/// <summary>Ten seconds of foreign load close a worker, and it opens only when it is calm again.</summary>
public sealed class LoadGuardTests
{
    /// <summary>Two cores, 100 ticks a second each; a share of them is busy, and a share of that is ours.</summary>
    static LoadGuard Run(LoadGuard guard, double from, int seconds, double busy, double ours = 0)
    {
        for (var second = 0; second < seconds; second++)
        {
            var last = guard.Samples.IsEmpty ? new LoadSample(0, 0, 0) : guard.Samples[^1].Sample;
            var next = new LoadSample(
                last.Total + 200,
                last.Busy + (long)(200 * busy),
                last.Ours + (long)(200 * ours)
            );
            guard = guard.After(next, TimeSpan.FromSeconds(from + second));
        }
        return guard;
    }

    [Fact]
    public void Foreign_load_above_the_limit_closes_and_below_the_lower_one_opens()
    {
        var calm = Run(LoadGuard.Open(50, 30), 0, 12, busy: 0.2);
        calm.Closed.ShouldBeNull();
        var busy = Run(calm, 12, 12, busy: 0.9);
        busy.Closed.ShouldNotBeNull().ShouldContain("90 %");
        Run(busy, 24, 12, busy: 0.4).IsClosed.ShouldBeTrue("between the two it stays as it is");
        Run(busy, 24, 24, busy: 0.1).IsClosed.ShouldBeFalse();
    }

    [Fact]
    public void Our_own_encoders_do_not_count() =>
        Run(LoadGuard.Open(50, 30), 0, 20, busy: 1, ours: 0.9).IsClosed.ShouldBeFalse();

    [Fact]
    public void A_short_peak_does_not_close() =>
        Run(Run(LoadGuard.Open(50, 30), 0, 12, busy: 0.1), 12, 3, busy: 1).IsClosed.ShouldBeFalse();

    [Fact]
    public void At_100_it_never_closes() =>
        Run(LoadGuard.Open(100, 100), 0, 20, busy: 1).IsClosed.ShouldBeFalse();

    [Fact]
    public void Other_limits_judge_the_present_load_at_once()
    {
        var busy = Run(LoadGuard.Open(50, 30), 0, 20, busy: 0.6);
        busy.IsClosed.ShouldBeTrue();

        busy.Within(70, 50).IsClosed.ShouldBeTrue("it is not below the lower one");
        busy.Within(70, 70).IsClosed.ShouldBeFalse();
        busy.Within(100, 30).IsClosed.ShouldBeFalse();
        busy.Within(70, 70).Within(55, 55).IsClosed.ShouldBeTrue();
    }

    [Fact]
    public void This_machine_tells_its_load()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux tells.");
        var sample = MachineLoad.Read().ShouldNotBeNull();
        sample.Total.ShouldBeGreaterThan(sample.Busy);
        sample.Busy.ShouldBeGreaterThanOrEqualTo(sample.Ours);
        sample.Ours.ShouldBeGreaterThan(0);
    }
}
