using EncodeFarm.Actors;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Dispatch;

namespace EncodeFarm.TestDoubles;

public sealed class FakeNode(NodeCard card) : INodeView
{
    private MemberTable _members = MemberTable.Empty;

    public NodeCard Card { get; } = card;

    public MemberTable Members
    {
        get => (Coordinator as FakeCoordinator)?.Members ?? _members;
        set => _members = value;
    }

    public (long Epoch, TimeSpan Age)? EpochTime { get; set; }

    public TimeSpan? Silence { get; set; }

    public event Action<IReadOnlyList<MemberEvent>>? MembersChanged;

    public bool IsConnected { get; set; } = true;

    public ICoordinator? Coordinator { get; set; }

    public int? Slots { get; set; } = 2;

    public bool HasLeft { get; private set; }

    public IReadOnlyList<ActorInfo> Tree { get; set; } = [];

    public DateTimeOffset StartedAt { get; set; }

    public void ChangeSlots(int slots) => Slots = slots;

    public Labels? Labels { get; set; } = Farm.Dispatch.Labels.None;

    public void ChangeLabels(LabelChange change) => Labels = Labels!.With(change);

    public GuardState? Guard { get; set; } = new(50, 30, 3, null);

    public void ChangeGuard(int high, int low) => Guard = Guard! with { High = high, Low = low };

    public void Leave() => HasLeft = true;

    public IReadOnlyList<ActorInfo> Actors() => Tree;

    public void Announce(params MemberEvent[] events) => MembersChanged?.Invoke(events);
}
