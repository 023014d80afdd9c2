using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Dispatch;

/// <param name="TaskNode">Node whose slots the coordinator's own tasks take (the embedded farm); null where they have a limit of their own.</param>
/// <param name="TaskLimit">That limit.</param>
public sealed record DispatcherOptions(AttemptIds Ids, string? TaskNode, int TaskLimit)
{
    /// <summary>
    /// Nodes that were members before this coordinator: nothing is assigned until all videos are open, and each node has
    /// told what it runs or <see cref="WarmUpLimit"/> has passed; that passes also where none is known. Null where nothing
    /// can be running.
    /// </summary>
    public IReadOnlyCollection<string>? Awaited { get; init; }

    /// <summary>In whole seconds.</summary>
    public TimeSpan WarmUpLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Whether what is wanted of a video is not known now; what runs of it goes on until it is.</summary>
    public Func<string, bool> IsClosed { get; init; } = _ => false;

    /// <summary>Outlives a dispatcher that is started anew: tasks ask for a slot once.</summary>
    public TaskSlots Slots { get; init; } = new();

    /// <summary>An assigned attempt that no heartbeat has listed by then, and two have not, is lost.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>A started attempt that so many heartbeats in a row do not list is lost.</summary>
    public int MissedBeats { get; init; } = 3;
}

/// <summary>Tasks of the coordinator that have a slot, and those that wait for one.</summary>
public sealed class TaskSlots
{
    public HashSet<string> Running { get; } = [];

    public List<TakeSlot> Waiting { get; } = [];
}

/// <summary>What the dispatcher does to the world. None of it may block.</summary>
/// <param name="Send">A command to a node; false where it can't be delivered.</param>
/// <param name="Tell">Tells a video something of its attempts.</param>
/// <param name="Started">Called at every start: everybody who waits for the dispatcher has to ask again.</param>
public sealed record DispatcherEffects(
    Func<string, WireMessage, Task<bool>> Send,
    Action<string, VideoInput> Tell,
    Action<DispatchSnapshot> Publish,
    Action Started
);
