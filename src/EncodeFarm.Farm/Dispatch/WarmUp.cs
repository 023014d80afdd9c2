using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Dispatch;

/// <summary>What a new coordinator waits for before it assigns: all videos, and what each node runs.</summary>
/// <param name="awaited">Nodes that were members before.</param>
/// <param name="limit">When nothing more is waited for but the videos.</param>
sealed class WarmUp(IEnumerable<string> awaited, DateTimeOffset limit)
{
    readonly HashSet<string> _awaited = [.. awaited];

    public bool VideosReady { get; set; }
    public Dictionary<string, Heartbeat> Beats { get; } = [];

    public void Forget(string node)
    {
        _awaited.Remove(node);
        Beats.Remove(node);
    }

    public bool IsOver(DateTimeOffset now) =>
        VideosReady && (now >= limit || _awaited.All(Beats.ContainsKey));
}
