using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Dispatch;

/// <summary>What a new coordinator waits for before it assigns: all videos, and what each node runs.</summary>
/// <param name="awaited">Nodes that were members before.</param>
/// <param name="limit">When nothing more is waited for but the videos.</param>
sealed class WarmUp(IEnumerable<string> awaited, DateTimeOffset limit)
{
    readonly HashSet<string> _awaited = [.. awaited];

    public bool VideosReady { get; set; }

    /// <summary>No video has got as far as its segments: no node can be running any.</summary>
    public bool NothingRuns { get; set; }
    public Dictionary<string, Heartbeat> Beats { get; } = [];

    public void Forget(string node)
    {
        _awaited.Remove(node);
        Beats.Remove(node);
    }

    /// <summary>
    /// A coordinator that knew no members has been restarted: whoever it had joins again within the limit, and tells then
    /// what it runs.
    /// </summary>
    public bool IsOver(DateTimeOffset now) =>
        VideosReady && (NothingRuns || now >= limit || AllHaveTold);

    bool AllHaveTold => _awaited.Count > 0 && _awaited.All(Beats.ContainsKey);
}
