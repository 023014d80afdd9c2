using EncodeFarm.Actors;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Members;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Farm.Work;

namespace EncodeFarm.Node.Hosting;

/// <summary>What every node does, whatever its roles: it belongs to the cluster, listens to it, and hands on what is for its parts.</summary>
public sealed class ClusterNode : INodeView, IAsyncDisposable
{
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(5);

    private readonly IFarmTransport _transport;
    private readonly Func<NodeAddress, NodeCard> _card;
    private readonly ActorSystem _system;
    private readonly EpochClock _epoch;
    private readonly TaskCompletionSource<string?> _end = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private readonly TaskCompletionSource _heard = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    private IActorRef<MemberMessage>? _member;
    private IActorRef<WorkerMessage>? _worker;
    private MemberTable _members = MemberTable.Empty;
    private LabelBoard? _labels;
    private GuardBoard? _guard;
    private int _slots;

    /// <param name="card">Of this node under its present address.</param>
    public ClusterNode(
        IFarmTransport transport,
        Func<NodeAddress, NodeCard> card,
        TimeProvider time,
        Action<ActorLog> log
    )
    {
        (_transport, _card) = (transport, card);
        _system = new ActorSystem("encodefarm", new ActorSystemOptions { Time = time, Log = log });
        _epoch = new EpochClock(time);
        StartedAt = time.GetUtcNow();
    }

    public NodeCard Card => _card(_transport.Self);

    public MemberTable Members => Volatile.Read(ref _members);

    public (long Epoch, TimeSpan Age)? EpochTime => _epoch.Now;

    public TimeSpan? Silence => _epoch.Silence;

    public event Action<IReadOnlyList<MemberEvent>>? MembersChanged;

    public bool IsConnected => _transport.IsConnected;

    /// <summary>Set by the part that decides.</summary>
    public Func<CoordinatorTerm?> Term { get; set; } = () => null;

    public ICoordinator? Coordinator => Term();

    public int? Slots => _worker is null ? null : Volatile.Read(ref _slots);

    public Labels? Labels => _labels?.Now;

    public GuardState? Guard => _guard?.Now;

    public DateTimeOffset StartedAt { get; }

    /// <summary>Completes when this node shall end: with null for a graceful leave, else with the reason why it can't go on.</summary>
    public Task<string?> End => _end.Task;

    /// <summary>Completes with the first member table that is heard of.</summary>
    public Task Heard => _heard.Task;

    /// <summary>Listens, so that whatever is announced from here on is known.</summary>
    public async Task ListenAsync(CancellationToken cancellation)
    {
        await _transport.ListenToMembersAsync(HearTable, CancellationToken.None);
        await _transport.ListenAsync(HearCommand, CancellationToken.None).WaitAsync(cancellation);
    }

    /// <summary>Asks to become a member, and stays one.</summary>
    /// <param name="isWorker">Its worker's heartbeats are its sign of life.</param>
    /// <param name="resources">Of this machine now.</param>
    public void Join(string token, bool isWorker, TimeSpan beat, Func<NodeResources?> resources)
    {
        var options = new MemberOptions(_card, token, Beats: !isWorker, beat, Changed, GiveUp)
        {
            Resources = resources,
        };
        _member = _system.Spawn("member", () => new MemberActor(options, _transport));
    }

    public void StartWorker(Func<WorkerActor> worker, WorkerOptions options)
    {
        (_slots, _labels, _guard) = (options.Slots, options.Labels, options.Guard);
        _worker = _system.Spawn("worker", worker);
    }

    private Task HearTable(Envelope envelope)
    {
        if (ClusterCodec.Open(envelope) is MemberTable announced)
        {
            _epoch.Hear(announced);
            var table = announced with { Announced = TimeSpan.Zero };
            if (_member is { } member)
            {
                member.Tell(new TableAnnounced(table));
            }
            else
            {
                Volatile.Write(ref _members, table);
            }
            _heard.TrySetResult();
        }
        return Task.CompletedTask;
    }

    private Task HearCommand(Envelope envelope)
    {
        if (ClusterCodec.Open(envelope) is { } told)
        {
            if (told is JoinRefused refusal)
            {
                _member?.Tell(new Refused(refusal));
            }
            return Task.CompletedTask;
        }
        var command = FarmCodecs.Wire.Open(envelope);
        if (command is SetSlots set)
        {
            Volatile.Write(ref _slots, set.Slots);
        }
        _worker?.Tell(new Commanded(command));
        return Task.CompletedTask;
    }

    private void Changed(MemberTable table, IReadOnlyList<MemberEvent> happened)
    {
        Volatile.Write(ref _members, table);
        _worker?.Tell(new EpochHeard(table.Epoch));
        if (happened.Count > 0)
        {
            MembersChanged?.Invoke(happened);
        }
        if (table.Find(_transport.Self) is { Status: MemberStatus.Leaving })
        {
            Leave();
        }
    }

    public void ChangeSlots(int slots)
    {
        var worker = _worker ?? throw new InvalidOperationException("This node is no worker.");
        Volatile.Write(ref _slots, slots);
        worker.Tell(new ChangeSlots(slots));
    }

    public void ChangeLabels(LabelChange change)
    {
        var labels = _labels ?? throw new InvalidOperationException("This node is no worker.");
        labels.Change(change);
        // At once: a job may wait for it.
        _worker!.Tell(new BeatTick());
    }

    public void ChangeGuard(int high, int low)
    {
        var guard = _guard ?? throw new InvalidOperationException("This node is no worker.");
        guard.Change(high, low);
        _worker!.Tell(new BeatTick());
    }

    public void Leave() => _end.TrySetResult(null);

    /// <summary>Ends this node with the reason why it can't go on.</summary>
    public void GiveUp(string reason) => _end.TrySetResult(reason);

    public void SayGoodbye(bool exiting) => _member?.Tell(new SayGoodbye(exiting));

    /// <summary>Takes nothing new, waits for what runs, and hands back what has not finished within the limit.</summary>
    public async Task FinishWorkAsync(TimeSpan limit, TimeProvider time)
    {
        if (_worker is not { } worker)
        {
            return;
        }
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        worker.Tell(new FinishWork("leaving", done));
        try
        {
            await done.Task.WaitAsync(limit, time);
        }
        catch (TimeoutException)
        {
            var back = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            worker.Tell(new HandBack(back));
            await back.Task.WaitAsync(ShutdownLimit, time);
        }
    }

    public IReadOnlyList<ActorInfo> Actors() => [.. _system.Hierarchy(), .. Term()?.Actors() ?? []];

    public async ValueTask DisposeAsync() => await _system.ShutdownAsync(ShutdownLimit);
}
