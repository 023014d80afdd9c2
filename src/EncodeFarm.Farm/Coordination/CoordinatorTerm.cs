using System.Collections.Concurrent;
using EncodeFarm.Actors;
using EncodeFarm.Actors.Persistence;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Members;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;
using EncodeFarm.Farm.Work;

namespace EncodeFarm.Farm.Coordination;

/// <summary>
/// The coordinator for as long as its epoch lasts: recovers every unfinished job, decides who is a member, hands out
/// segments and records results. When the epoch is over it is disposed of; nothing of it survives but the journal.
/// </summary>
public sealed class CoordinatorTerm : ICoordinator, IAsyncDisposable
{
    static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(10);
    static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);

    readonly TermOptions _options;
    readonly long _began;
    readonly AttemptIds _attempts;
    readonly TaskSlots _slots = new();
    readonly IFarmTransport _transport;
    readonly IJournal _journal;
    readonly IJobIndex _index;
    readonly IArtifactStore _store;
    readonly IMediaWork _media;
    readonly ActorSystem _system;
    readonly CancellationTokenSource _over = new();
    readonly ConcurrentDictionary<string, long> _orders = new();
    readonly JobOpening _opening;
    readonly ConcurrentDictionary<NodeAddress, NodeResources> _resources = new();
    readonly SemaphoreSlim _submitting = new(1);
    readonly IActorRef<DispatchMessage> _dispatcher;
    readonly IActorRef<VideosMessage> _videos;
    readonly IActorRef<IndexMessage> _indexer;
    readonly TaskCompletionSource _recovered = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );
    IActorRef<ClusterMessage>? _cluster;
    MemberTable _members;

    CoordinatorTerm(
        TermOptions options,
        IFarmTransport transport,
        IJournal journal,
        IJobIndex index,
        IArtifactStore store,
        IMediaWork media
    )
    {
        (_options, _transport, _journal, _index, _store, _media) = (
            options,
            transport,
            journal,
            index,
            store,
            media
        );
        _attempts = new AttemptIds(options.Epoch);
        _members = options.Last;
        _began = options.Time.GetTimestamp();
        _system = new ActorSystem(
            "encodefarm",
            new ActorSystemOptions { Time = options.Time, Log = options.Log }
        );
        _indexer = _system.Spawn("index", () => new IndexActor(index));
        _dispatcher = _system.Spawn("dispatcher", () => Dispatcher());
        _videos = _system.Spawn("videos", () => new VideosActor(OptionsOf, Monitor.Remove));
        _opening = new JobOpening(_videos, Monitor, options.Log);
    }

    public long Epoch => _options.Epoch;

    public TimeSpan Age => _options.Time.GetElapsedTime(_began);

    public NodeAddress Self => _transport.Self;

    public FarmMonitor Monitor { get; } = new();

    public MemberTable Members => Volatile.Read(ref _members);

    public NodeResources? ResourcesOf(NodeAddress member) => _resources.GetValueOrDefault(member);

    /// <summary>Cancelled when the term ends.</summary>
    public CancellationToken Over => _over.Token;

    public IReadOnlyList<ActorInfo> Actors() => _system.Hierarchy();

    /// <summary>Recovers and begins to decide.</summary>
    public static async Task<CoordinatorTerm> BeginAsync(
        TermOptions options,
        IFarmTransport transport,
        IJournal journal,
        IJobIndex index,
        IArtifactStore store,
        IMediaWork media,
        CancellationToken cancellation
    )
    {
        var term = new CoordinatorTerm(options, transport, journal, index, store, media);
        try
        {
            // Before anybody hears of the new epoch: what workers send again then must not go to a lost coordinator.
            await transport.ConsumeResultsAsync(term.RecordAsync, term.Epoch, term._over.Token);
            term._cluster = term._system.Spawn(
                "cluster",
                () => new ClusterActor(term.Cluster(), transport)
            );
            await transport.ListenToSignalsAsync(term.HearAsync, term._over.Token);
            await term.RecoverAsync(cancellation);
            return term;
        }
        catch
        {
            await term.DisposeAsync();
            throw;
        }
    }

    DispatcherActor Dispatcher()
    {
        var awaited = _options
            .Last.Members.Where(member => member.MayRunWork && member.Card.Roles.Contains("worker"))
            .Select(member => member.Address.Name)
            .ToList();
        return new DispatcherActor(
            new DispatcherOptions(_attempts, null, _options.Tasks)
            {
                Awaited = awaited,
                Slots = _slots,
                IsClosed = id => _opening.Closed.ContainsKey(id),
            },
            new DispatcherEffects(
                (node, message) => SendAsync(node, message, _over.Token),
                (video, input) => _videos.Tell(new ToVideo(video, new Handle(input))),
                Monitor.Update,
                () =>
                {
                    // A dispatcher that starts anew knows nothing; at the first start nobody is there yet.
                    _videos?.Tell(new ToAllVideos(new OfferAgain()));
                    if (_recovered.Task.IsCompleted)
                    {
                        _dispatcher.Tell(new VideosReady());
                    }
                }
            )
        );
    }

    ClusterOptions Cluster() =>
        new(
            _options.Epoch,
            _options.Check,
            _options.Limits,
            Members,
            _dispatcher,
            () => Age,
            (table, _) => Publish(table)
        )
        {
            Heard = (node, resources) => _resources[node] = resources,
        };

    void Publish(MemberTable table)
    {
        Volatile.Write(ref _members, table);
        foreach (var gone in _resources.Keys.Where(node => table.Find(node) is null))
        {
            _resources.TryRemove(gone, out _);
        }
    }

    VideoOptions OptionsOf(string id)
    {
        var directory = Path.Combine(_options.JobsRoot, id);
        Directory.CreateDirectory(directory);
        return new(
            id,
            directory,
            OrderOf(id),
            _options.Policy,
            Random.Shared,
            _journal,
            _store,
            _media,
            _dispatcher,
            state => Publish(id, state),
            _options.Happened
        )
        {
            Failed = error => _opening.Fail(id, error),
            RestAfter = _options.RestAfter,
        };
    }

    long OrderOf(string id) => _orders.GetOrAdd(id, _ => _orders.Values.DefaultIfEmpty().Max() + 1);

    void Publish(string id, VideoState state)
    {
        Monitor.Update(id, state);
        _opening.Succeed(id);
        if (state.Spec is not null)
        {
            _indexer.Tell(new IndexMessage.Save(JobEntry.Of(id, OrderOf(id), state)));
        }
    }

    /// <summary>
    /// Opens every job that is not known to be over. Nothing is assigned before all of them have offered, but for those
    /// that can't be opened: they must not keep the others from going on.
    /// </summary>
    async Task RecoverAsync(CancellationToken cancellation)
    {
        var entries = await _index.ListAsync(cancellation);
        foreach (var entry in entries)
        {
            _orders[entry.Id] = entry.Order;
        }
        await _opening.OpenAsync(
            entries.Where(entry => !entry.Over).Select(entry => entry.Id),
            cancellation
        );
        _recovered.TrySetResult();
        var planned = Monitor.Videos.Values.Any(video =>
            video is { Finished: false, Plan: not null }
        );
        _dispatcher.Tell(new VideosReady(NothingRuns: !planned && _opening.Closed.Count == 0));
    }

    Task HearAsync(Envelope envelope)
    {
        if (ClusterCodec.Open(envelope) is { } signal)
        {
            _cluster!.Tell(new MemberSignal(signal));
        }
        else if (FarmCodecs.Wire.Open(envelope) is Heartbeat beat)
        {
            _cluster!.Tell(new WorkerSignal(beat));
        }
        return Task.CompletedTask;
    }

    /// <summary>A result is acknowledged to its worker after the journal write, or when nobody wants it.</summary>
    async Task RecordAsync(Envelope envelope)
    {
        if (FarmCodecs.Wire.Open(envelope) is not ResultMessage { Result: var result })
        {
            throw new UnreadableMessageException($"A '{envelope.Type}' is no result.");
        }
        await _recovered.Task.WaitAsync(_over.Token);
        RequireEpoch();
        if (_opening.Closed.ContainsKey(result.Video))
        {
            // What is wanted of the job is not known: the worker keeps the result and publishes it again, and those
            // behind it need not wait.
            return;
        }
        _dispatcher.Tell(new AttemptArrived(result.Attempt, Failures.VerdictOf(result.Outcome)));
        // All other unfinished videos are open: of any further one nothing is wanted any more.
        if (Monitor.Videos.ContainsKey(result.Video))
        {
            await AskAsync(result.Video, result, CancellationToken.None);
        }
        // Whoever has lost the epoch meanwhile does not know what is wanted: the next coordinator will judge it.
        RequireEpoch();
        _dispatcher.Tell(new AttemptSettled(result.Attempt, result.Node));
        _ = SendAsync(result.Node, new ResultRecorded(Epoch, result.Attempt), _over.Token);
        _ = DiscardAsync(result);
    }

    /// <summary>What was stored after the job's work had been removed would lie there for ever.</summary>
    async Task DiscardAsync(AttemptResult result)
    {
        try
        {
            if (
                result.Outcome is AttemptOutcome.Encoded { Artifact.Name: var name }
                && await FindAsync(result.Video, _over.Token)
                    is { Cleaned: true, Spec.Options.KeepWork: false }
            )
            {
                await _store.DeleteAsync(name, _over.Token);
            }
        }
        catch (Exception error)
        {
            _options.Log(
                new ActorLog(
                    ActorLogLevel.Warning,
                    "/results",
                    $"What attempt {result.Attempt} has stored for the job {result.Video}, which is over, can't be removed: {error.Message}",
                    error
                )
            );
        }
    }

    /// <summary>Exact at any moment, also after the process stood still.</summary>
    public bool MayDecide => _options.MayDecide();

    void RequireEpoch()
    {
        if (!MayDecide)
        {
            throw new FencedException($"Epoch {Epoch} is over for this coordinator.");
        }
    }

    async Task<VideoAnswer> AskAsync(string job, VideoInput input, CancellationToken cancellation)
    {
        var answer = await _videos
            .AskAsync<VideosMessage, VideoAnswer>(
                reply => new ToVideo(job, new Handle(input, reply)),
                AnswerLimit
            )
            .WaitAsync(cancellation);
        return answer.Error is null
            ? answer
            : throw new IOException($"The journal could not be written: {answer.Error}");
    }

    public async Task<IReadOnlyList<JobEntry>> JobsAsync(CancellationToken cancellation)
    {
        var live = Monitor.Videos;
        var listed = (await _index.ListAsync(cancellation)).ToDictionary(entry => entry.Id);
        foreach (var (id, state) in live.Where(video => video.Value.Spec is not null))
        {
            listed[id] = JobEntry.Of(id, OrderOf(id), state);
        }
        foreach (var (id, reason) in _opening.Closed)
        {
            if (listed.TryGetValue(id, out var entry))
            {
                listed[id] = entry with { Error = $"It can't be opened: {reason}" };
            }
        }
        return [.. listed.Values.OrderBy(entry => entry.Order)];
    }

    public Task<VideoAnswer> SubmitAsync(JobSpec spec, CancellationToken cancellation) =>
        ReserveAsync(
            spec,
            async () =>
            {
                // Listed as open before anything is journaled: a crash in between must not hide the job.
                await OpenEntryAsync(
                    JobEntry.Of(
                        spec.Id,
                        OrderOf(spec.Id),
                        VideoState.Empty with
                        {
                            Spec = spec,
                            Priority = spec.Priority,
                            SubmittedAt = _options.Time.GetUtcNow(),
                        }
                    ),
                    cancellation
                );
                return await AskAsync(
                    spec.Id,
                    new Submit(spec, _options.Fingerprint),
                    cancellation
                );
            },
            cancellation
        );

    /// <summary>Opens a job, or one that had failed, unless another one has been given its destination meanwhile.</summary>
    async Task<VideoAnswer> ReserveAsync(
        JobSpec spec,
        Func<Task<VideoAnswer>> open,
        CancellationToken cancellation
    )
    {
        await _submitting.WaitAsync(cancellation);
        try
        {
            return Conflict(spec) is { } refusal
                ? new VideoAnswer(VideoState.Empty, refusal)
                : await open();
        }
        finally
        {
            _submitting.Release();
        }
    }

    /// <summary>A destination belongs to the first unfinished job that was given it.</summary>
    string? Conflict(JobSpec spec)
    {
        var other = Monitor
            .Videos.Where(video => video.Key != spec.Id && !video.Value.Finished)
            .FirstOrDefault(video =>
                video.Value.Spec?.Destinations.Intersect(spec.Destinations).Any() ?? false
            );
        return other.Key is null
            ? null
            : $"The job {other.Key} delivers to {spec.Destinations[0]} already; choose another output.";
    }

    /// <summary>Where the list says that the job is over, it is corrected first.</summary>
    Task OpenEntryAsync(JobEntry entry, CancellationToken cancellation) =>
        _index.SaveAsync(entry with { Over = false }, cancellation);

    public async Task<VideoAnswer?> CommandAsync(
        string job,
        VideoInput command,
        CancellationToken cancellation
    )
    {
        if (await FindAsync(job, cancellation) is not { } state)
        {
            return null;
        }
        return command is Retry && state.Spec is { } spec
            ? await ReserveAsync(
                spec,
                () => TellAsync(job, state, command, cancellation),
                cancellation
            )
            : await TellAsync(job, state, command, cancellation);
    }

    async Task<VideoAnswer> TellAsync(
        string job,
        VideoState state,
        VideoInput command,
        CancellationToken cancellation
    )
    {
        if (state.Finished)
        {
            await OpenEntryAsync(JobEntry.Of(job, OrderOf(job), state), cancellation);
        }
        return await AskAsync(job, command, cancellation);
    }

    public async Task<VideoState?> FindAsync(string job, CancellationToken cancellation) =>
        Monitor.Videos.TryGetValue(job, out var state) && state.Spec is not null
            ? state
            : await VideoReader.StateAsync(_journal, job, cancellation);

    public IAsyncEnumerable<(long Sequence, VideoEvent Event)> EventsAsync(
        string job,
        long after,
        CancellationToken cancellation
    ) => VideoReader.EventsAsync(_journal, job, after, cancellation);

    public Task<MemberTable> ChangeMembersAsync(
        Func<MemberTable, TableChange> change,
        CancellationToken cancellation
    )
    {
        var done = new TaskCompletionSource<MemberTable>(
            TaskCreationOptions.RunContinuationsAsynchronously
        );
        _cluster!.Tell(new ChangeMembers(change, done));
        return done.Task.WaitAsync(cancellation);
    }

    public async Task<bool> SendAsync(
        string node,
        WireMessage message,
        CancellationToken cancellation
    ) =>
        MayDecide
        && Members.Alive(node) is { } member
        && await _transport.SendAsync(member.Address, FarmCodecs.Wire.Seal(message), cancellation);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _system.ShutdownAsync(ShutdownLimit);
        _submitting.Dispose();
        _over.Dispose();
    }
}
