using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Farm;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.TestDoubles;

/// <summary>A coordinator without actors, network and disk; its decisions about jobs and members are the real ones.</summary>
public sealed class FakeCoordinator(NodeAddress self, TimeProvider time) : ICoordinator
{
    private readonly ConcurrentDictionary<string, List<VideoEvent>> _journal = new();
    private readonly List<string> _order = [];

    public long Epoch { get; init; } = 7;

    public TimeSpan Age { get; set; }

    public NodeAddress Self => self;

    public FarmMonitor Monitor { get; } = new();

    public MemberTable Members { get; set; } = MemberTable.Empty;

    /// <summary>Of every member.</summary>
    public NodeResources? Resources { get; set; }

    public NodeResources? ResourcesOf(NodeAddress member) => Resources;

    /// <summary>What was sent to nodes.</summary>
    public ConcurrentQueue<(string Node, WireMessage Message)> Sent { get; } = [];

    /// <summary>Workers get what is sent to them and do nothing.</summary>
    public bool IsFrozen { get; set; }

    /// <summary>Every answer takes so long, on the real clock.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Every answer waits for this.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Every answer holds its thread until this is set, as a file system does whose server is away.</summary>
    public ManualResetEventSlim? Hang { get; set; }

    public Exception? Failure { get; set; }

    public Task<IReadOnlyList<JobEntry>> JobsAsync(CancellationToken cancellation) =>
        AnswerAsync<IReadOnlyList<JobEntry>>(Jobs, cancellation);

    private List<JobEntry> Jobs()
    {
        lock (_order)
        {
            return [.. _order.Select((id, index) => JobEntry.Of(id, index, Monitor.Videos[id]))];
        }
    }

    public Task<VideoAnswer> SubmitAsync(JobSpec spec, CancellationToken cancellation) =>
        AnswerAsync(
            () =>
            {
                var reserved = Monitor.Videos.Any(video =>
                    video.Key != spec.Id
                    && !video.Value.Finished
                    && video.Value.Spec!.Destinations.Intersect(spec.Destinations).Any()
                );
                return reserved
                    ? new VideoAnswer(VideoState.Empty, "Another job delivers there.")
                    : Decide(spec.Id, new Submit(spec, Samples.Fingerprint));
            },
            cancellation
        );

    public Task<VideoAnswer?> CommandAsync(
        string job,
        VideoInput command,
        CancellationToken cancellation
    ) =>
        AnswerAsync(
            () => Monitor.Videos.ContainsKey(job) ? Decide(job, command) : null,
            cancellation
        );

    public Task<VideoState?> FindAsync(string job, CancellationToken cancellation) =>
        AnswerAsync(() => Monitor.Videos.GetValueOrDefault(job), cancellation);

    public async IAsyncEnumerable<(long Sequence, VideoEvent Event)> EventsAsync(
        string job,
        long after,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var events = await AnswerAsync(() => Journal(job), cancellation);
        for (var at = (int)after; at < events.Count; at++)
        {
            yield return (at + 1, events[at]);
        }
    }

    /// <summary>A copy: other questions are answered at the same time.</summary>
    private List<VideoEvent> Journal(string job)
    {
        lock (_order)
        {
            return [.. _journal[job]];
        }
    }

    public Task<MemberTable> ChangeMembersAsync(
        Func<MemberTable, TableChange> change,
        CancellationToken cancellation
    ) => AnswerAsync(() => Members = change(Members).Table, cancellation);

    public Task<bool> SendAsync(string node, WireMessage message, CancellationToken cancellation)
    {
        Sent.Enqueue((node, message));
        if (!IsFrozen)
        {
            Beat(node, message);
        }
        return Task.FromResult(true);
    }

    /// <summary>The heartbeat of a worker that has done what it was told.</summary>
    private void Beat(string name, WireMessage message)
    {
        var before = Monitor.Dispatch.Nodes.FirstOrDefault(node => node.Name == name);
        var node = before ?? new NodeState(name, 2, Samples.Fingerprint, null, default);
        var beat = message switch
        {
            SetSlots set => node with { Slots = set.Slots },
            SetLabels set => node with { Labels = node.Labels.With(set.Change) },
            SetGuard set => node with { Guard = new GuardState(set.High, set.Low, 3, null) },
            _ => node,
        };
        var others = Monitor.Dispatch.Nodes.Where(other => other.Name != name);
        Monitor.Update(
            Monitor.Dispatch with
            {
                Nodes = [.. others, beat with { LastSeen = time.GetUtcNow() }],
            }
        );
    }

    /// <summary>Something happens to a job, as in the farm.</summary>
    public VideoAnswer Decide(string id, VideoInput input)
    {
        // Jobs are listed at the same time.
        lock (_order)
        {
            return DecideAlone(id, input);
        }
    }

    private VideoAnswer DecideAlone(string id, VideoInput input)
    {
        var state = Monitor.Videos.GetValueOrDefault(id, VideoState.Empty);
        var context = new DecideContext(
            time.GetUtcNow(),
            RetryPolicy.Default with
            {
                RandomFactor = 0,
            },
            new Random(1)
        );
        var decision = VideoDecider.Decide(state, input, context);
        if (!_journal.ContainsKey(id))
        {
            _order.Add(id);
        }
        _journal.GetOrAdd(id, _ => []).AddRange(decision.Events);
        state = decision.Events.Aggregate(state, VideoFold.Apply);
        Monitor.Update(id, state);
        return new VideoAnswer(state, decision.Refusal);
    }

    private async Task<T> AnswerAsync<T>(Func<T> answer, CancellationToken cancellation)
    {
        Hang?.Wait(CancellationToken.None);
        await Gate.WaitAsync(cancellation);
        if (Delay > TimeSpan.Zero)
        {
            await Task.Delay(Delay, cancellation);
        }
        return Failure is null ? answer() : throw Failure;
    }
}
