using System.Collections.Immutable;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Farm.Work;

/// <summary>
/// Keeps a machine's owner from being disturbed: from a certain load that is not ours on, over 10 s, no new
/// attempt is taken; below a lower one it is again. What runs goes on, niced.
/// </summary>
/// <param name="High">Percent of all cores above which the node is closed; 100 never closes it.</param>
/// <param name="Low">Percent below which it opens again.</param>
/// <param name="Samples">Of the last <see cref="Window"/>, oldest first.</param>
public sealed record LoadGuard(
    int High,
    int Low,
    ImmutableList<(TimeSpan At, LoadSample Sample)> Samples,
    double? Load,
    bool IsClosed
)
{
    public static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    public static LoadGuard Open(int high, int low) => new(high, low, [], null, false);

    public LoadGuard After(LoadSample sample, TimeSpan now)
    {
        var recent = Samples.RemoveAll(old => now - old.At > Window);
        var load = recent.IsEmpty ? null : sample.ForeignSince(recent[0].Sample);
        return (this with { Samples = recent.Add((now, sample)), Load = load }).Judged();
    }

    /// <summary>Other limits, which the load as it is now is judged by at once.</summary>
    public LoadGuard Within(int high, int low) => (this with { High = high, Low = low }).Judged();

    LoadGuard Judged() =>
        this with
        {
            IsClosed =
                High < 100
                && Load is { } percent
                && (percent > High || (IsClosed && percent >= Low)),
        };

    /// <summary>Why nothing new is taken; null where it is.</summary>
    public string? Closed =>
        IsClosed
            ? $"busy with other things: {Load:0} % of the machine, closed until below {Low} %"
            : null;
}
