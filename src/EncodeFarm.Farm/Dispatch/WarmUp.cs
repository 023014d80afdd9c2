using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Dispatch;

/// <summary>What a new coordinator waits for before it assigns: all videos, and what each node runs.</summary>
/// <param name="awaited">Nodes that were members before.</param>
/// <param name="ticks">
/// After so many nothing more is waited for but the videos. No clock: it runs on while this process stands still and hears
/// nobody, and what runs would be begun a second time.
/// </param>
sealed class WarmUp(IEnumerable<string> awaited, int ticks)
{
    readonly HashSet<string> _awaited = [.. awaited];
    int _ticks = ticks;

    public bool VideosReady { get; set; }

    /// <summary>No video has got as far as its segments: no node can be running any.</summary>
    public bool NothingRuns { get; set; }
    public Dictionary<string, Heartbeat> Beats { get; } = [];

    public void Tick() => _ticks--;

    public void Forget(string node)
    {
        _awaited.Remove(node);
        Beats.Remove(node);
    }

    /// <summary>
    /// A coordinator that knew no members has been restarted: whoever it had joins again within the limit, and tells then
    /// what it runs.
    /// </summary>
    public bool IsOver => VideosReady && (NothingRuns || _ticks <= 0 || AllHaveTold);

    bool AllHaveTold => _awaited.Count > 0 && _awaited.All(Beats.ContainsKey);
}
