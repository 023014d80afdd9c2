using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Tests;

/// <summary>
/// A job in a hostile world: results come late, twice or not at all, tasks break, leases get lost, and the
/// coordinator dies after any event. It holds only what a real one would keep: the journal, and results on workers' disks.
/// </summary>
public sealed class VideoWorld(
    int seed,
    JobSpec spec,
    int segments,
    int audio,
    double trouble,
    int skipped = 0
)
{
    readonly Random _random = new(seed);
    readonly List<AttemptResult> _kept = [];
    readonly HashSet<TaskId> _running = [];
    readonly Dictionary<string, (SegmentId Segment, int Tier)> _attempts = [];
    int _counter;

    public List<VideoEvent> Journal { get; } = [];
    public VideoState State { get; private set; } = VideoState.Empty;
    public DateTimeOffset Now { get; private set; } = Samples.Start;
    public int Steps { get; private set; }

    /// <summary>Plays until the job is over and swept; true when that happened within the limit.</summary>
    public bool Play(int limit)
    {
        Take(new Submit(spec, Samples.Fingerprint));
        while (!(State.Finished && (State.Cleaned || State.State == JobState.Failed)))
        {
            if (++Steps > limit)
            {
                return false;
            }
            Step();
        }
        return true;
    }

    /// <summary>On tasks that failed while the job waited for them.</summary>
    public SpentCpu Spent { get; private set; } = SpentCpu.None;

    void Step()
    {
        Now += TimeSpan.FromMilliseconds(_random.Next(1, 3000));
        var wanted = VideoWants.Wanted(State, Now);
        _running.RemoveWhere(task => !wanted.Tasks.Contains(task));
        if (wanted.StartNew)
        {
            _running.UnionWith(wanted.Tasks);
            foreach (var offer in wanted.Offers.Where(_ => _random.Next(3) == 0))
            {
                if (!_attempts.Values.Contains((offer.Segment, offer.Tier)))
                {
                    _attempts[$"1-{++_counter}"] = (offer.Segment, offer.Tier);
                }
            }
        }
        switch (_random.Next(8))
        {
            case 0 when Bad():
                Crash();
                break;
            case 1 when _kept.Count > 0:
                Take(_kept[_random.Next(_kept.Count)]);
                break;
            case 2 when Bad():
                Take(State.Paused ? new Resume() : new Pause(_random.Next(2) == 0));
                break;
            case 3 when State.Paused:
                Take(new Resume());
                break;
            case 4 or 5 when _running.Count > 0:
                EndTask(_running.ElementAt(_random.Next(_running.Count)));
                break;
            default:
                if (_attempts.Count > 0)
                {
                    EndAttempt(_attempts.ElementAt(_random.Next(_attempts.Count)).Key);
                }
                break;
        }
    }

    bool Bad() => _random.NextDouble() < trouble;

    void EndAttempt(string attempt)
    {
        var (segment, tier) = _attempts[attempt];
        _attempts.Remove(attempt);
        if (Bad())
        {
            var returned = _random.Next(3) == 0;
            Take(new AttemptGone(segment, attempt, Node(), "node gone", returned));
            if (_random.Next(2) == 0)
            {
                return;
            }
        }
        AttemptOutcome outcome =
            Bad() && tier is > 0 and < 4
                ? new AttemptOutcome.Missed("flat curve", [], 2, new(1, null, null))
            : Bad() ? new AttemptOutcome.Failed((FailureKind)_random.Next(6), "broke")
            : State.NeedsPieces && Bad()
                ? new AttemptOutcome.Failed(FailureKind.Transfer, "lost")
                {
                    LostPiece = State.Pieces[segment.Index]?.Artifact.Name ?? "another",
                }
            : Samples.Encoded(segment, attempt);
        var result = new AttemptResult(attempt, spec.Id, "plan-1", segment, tier, Node(), outcome);
        _kept.Add(result);
        if (!Bad())
        {
            Take(result);
        }
        if (Bad())
        {
            // The node turns out to fail everything; of what it failed and what it did not.
            Take(new FailureForgiven(segment, attempt, result.Node));
        }
    }

    void EndTask(TaskId task)
    {
        _running.Remove(task);
        if (Bad())
        {
            IReadOnlyList<int> damaged = task.Kind == TaskKind.Mux ? [_random.Next(segments)] : [];
            var kind = _random.Next(2) == 0 ? FailureKind.Tool : FailureKind.Invalid;
            Take(
                new TaskBroke(task, new Failure(kind, "broke"), damaged)
                {
                    Spent = CostOf(task.Kind),
                }
            );
            return;
        }
        switch (task.Kind)
        {
            case TaskKind.Plan:
                Take(Samples.Plan(spec, segments, audio, skipped));
                break;
            case TaskKind.Pieces:
                var missing = State.Pieces.IndexOf(null);
                Take(
                    new PieceMade(
                        missing,
                        new StoredArtifact($"job/segments/{missing}.{++_counter}", 1, "ee"),
                        State.Ranges[missing],
                        0.1
                    )
                );
                break;
            case TaskKind.Audio:
                Take(new AudioMade(task.A, task.B, Samples.Audio(task.B + 1)));
                break;
            case TaskKind.Mux:
                Take(new MuxMade(task.A, Samples.Muxed(task.A)));
                break;
            case TaskKind.Deliver:
                Take(Bad() ? new MuxedFileGone(task.A, "gone") : new DeliveryMade(task.A));
                break;
            case TaskKind.Clean:
                Take(new WorkSwept());
                break;
        }
    }

    /// <summary>Parts that add up without rounding.</summary>
    SpentCpu? CostOf(TaskKind kind) =>
        kind switch
        {
            TaskKind.Plan or TaskKind.Pieces => new(0.25, null, null, null),
            TaskKind.Audio => new(null, 0.5, null, null),
            TaskKind.Mux => new(null, null, 0.125, _random.Next(2) == 0 ? null : 0.25),
            _ => null,
        };

    string Node() => $"node-{_random.Next(3)}";

    /// <summary>The coordinator dies: tasks end, running attempts may end or go on, the state is what the journal says.</summary>
    void Crash()
    {
        _running.Clear();
        foreach (var attempt in _attempts.Keys.Where(_ => _random.Next(2) == 0).ToList())
        {
            _attempts.Remove(attempt);
        }
        State = Replay();
        Take(new Open());
    }

    public VideoState Replay() => Journal.Aggregate(VideoState.Empty, VideoFold.Apply);

    void Take(VideoInput input)
    {
        var context = new DecideContext(Now, RetryPolicy.Default, _random);
        var events = VideoDecider.Decide(State, input, context).Events;
        if (events.Count > 0 && input is TaskBroke { Spent: { } cost })
        {
            Spent += cost;
        }
        foreach (var happened in events)
        {
            // Through JSON, as in the journal: what is not written there does not survive.
            var written = FarmCodecs.Events.Read(FarmCodecs.Events.Write(happened));
            Journal.Add(written);
            State = VideoFold.Apply(State, written);
            if (Bad())
            {
                Crash();
                return;
            }
        }
    }
}
