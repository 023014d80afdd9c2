using EncodeFarm.Actors;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm.Dispatch;

namespace EncodeFarm.Farm.Coordination;

/// <summary>What every node knows by itself, without asking the coordinator.</summary>
public interface INodeView
{
    NodeCard Card { get; }

    /// <summary>As the coordinator last announced it; <see cref="MemberTable.Empty"/> before that.</summary>
    MemberTable Members { get; }

    /// <summary>The present epoch and how long it has lasted, as the coordinator's announcements tell; null before the first.</summary>
    (long Epoch, TimeSpan Age)? EpochTime { get; }

    /// <summary>How long ago the coordinator was last heard; null before its first announcement.</summary>
    TimeSpan? Silence { get; }

    /// <summary>What has happened to members, as the announcements tell. On the transport's thread; must not block.</summary>
    event Action<IReadOnlyList<MemberEvent>>? MembersChanged;

    /// <summary>False while the broker is away.</summary>
    bool IsConnected { get; }

    /// <summary>The coordinator, where this very node is the one that decides.</summary>
    ICoordinator? Coordinator { get; }

    /// <summary>This node is a worker: how many segments it encodes at a time. Null where it is none.</summary>
    int? Slots { get; }

    /// <summary>Another number of slots from now on.</summary>
    /// <exception cref="InvalidOperationException">This node is no worker.</exception>
    void ChangeSlots(int slots);

    /// <summary>This node is a worker: its labels. Null where it is none.</summary>
    Labels? Labels { get; }

    /// <summary>Other labels from now on; they last as long as this process.</summary>
    /// <exception cref="InvalidOperationException">This node is no worker.</exception>
    void ChangeLabels(LabelChange change);

    /// <summary>This node is a worker: when its machine is too busy with other things. Null where it is none.</summary>
    GuardState? Guard { get; }

    /// <summary>Other limits from now on; they last as long as this process.</summary>
    /// <exception cref="InvalidOperationException">This node is no worker.</exception>
    void ChangeGuard(int high, int low);

    /// <summary>Begins a graceful leave of this node; it ends the process.</summary>
    void Leave();

    IReadOnlyList<ActorInfo> Actors();

    /// <summary>When this process started.</summary>
    DateTimeOffset StartedAt { get; }
}
