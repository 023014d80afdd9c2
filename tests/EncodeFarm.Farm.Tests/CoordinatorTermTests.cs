using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Tests;

/// <summary>A coordinator that takes over, and the results that it finds.</summary>
public sealed class CoordinatorTermTests
{
    const string Attempt = "6-1";
    static readonly JobSpec Job = Samples.Job();

    readonly InProcessNetwork _network = new(TimeProvider.System, _ => { });
    readonly InMemoryJournal _journal = new();
    readonly DeletingStore _store = new();
    readonly IFarmTransport _worker;

    public CoordinatorTermTests() => _worker = _network.Join(NodeAddress.New("w"));

    Task<CoordinatorTerm> TakeOverAsync() =>
        CoordinatorTerm.BeginAsync(
            new TermOptions(
                7,
                "no directory",
                Samples.Fingerprint,
                1,
                RetryPolicy.Default,
                new JoinCheck("", JoinCheck.CurrentProtocol),
                new FailureLimits(),
                MemberTable.Empty,
                () => true,
                TimeProvider.System,
                _ => { },
                (_, _) => { }
            ),
            _network.Join(NodeAddress.New("c")),
            _journal,
            new NoJobs(),
            _store,
            // No job is open: nothing is asked of it.
            media: null!,
            default
        );

    Task PublishAsync()
    {
        var segment = new SegmentId(0, 0);
        var encoded = Samples.Encoded(segment, Attempt);
        var result = new AttemptResult(Attempt, Job.Id, "plan", segment, 1, "w", encoded);
        return _worker.PublishResultAsync(FarmCodecs.Wire.Seal(new ResultMessage(result)), default);
    }

    async Task CancelledAndCleanedAsync()
    {
        VideoEvent[] history =
        [
            new VideoSubmitted(Job, Samples.Fingerprint) { At = Samples.Start },
            new VideoCancelled { At = Samples.Start },
            new WorkCleaned { At = Samples.Start },
        ];
        await _journal.AppendAsync(
            Job.Id,
            0,
            [.. history.Select(FarmCodecs.Events.Write)],
            default
        );
    }

    [Fact]
    public async Task What_was_stored_after_its_job_was_cleaned_up_is_removed()
    {
        await CancelledAndCleanedAsync();
        await using var term = await TakeOverAsync();

        await PublishAsync();

        (await _store.Deleted.ReceiveAsync()).ShouldContain(Attempt);
    }

    /// <summary>Workers publish again as soon as they hear of the new epoch: what went to the lost one then would wait there.</summary>
    [Fact]
    public async Task Whoever_publishes_at_the_word_of_a_new_epoch_reaches_its_coordinator()
    {
        await CancelledAndCleanedAsync();
        var lost = new TestProbe<Envelope>();
        await _network
            .Join(NodeAddress.New("lost"))
            .ConsumeResultsAsync(
                message =>
                {
                    lost.Tell(message);
                    return Task.CompletedTask;
                },
                6,
                default
            );
        var published = 0;
        await _worker.ListenToMembersAsync(
            _ => Interlocked.Increment(ref published) == 1 ? PublishAsync() : Task.CompletedTask,
            default
        );

        await using var term = await TakeOverAsync();

        (await _store.Deleted.ReceiveAsync()).ShouldContain(Attempt);
        lost.Count.ShouldBe(0);
    }

    sealed class NoJobs : IJobIndex
    {
        public Task<IReadOnlyList<JobEntry>> ListAsync(CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<JobEntry>>([]);

        public Task SaveAsync(JobEntry entry, CancellationToken cancellation) => Task.CompletedTask;
    }

    sealed class DeletingStore : IArtifactStore
    {
        public TestProbe<string> Deleted { get; } = new();

        public Task DeleteAsync(string name, CancellationToken cancellation)
        {
            Deleted.Tell(name);
            return Task.CompletedTask;
        }

        public Task PutAsync(
            StoredArtifact artifact,
            string path,
            CancellationToken cancellation
        ) => throw new NotSupportedException();

        public Task<long?> FindAsync(string name, CancellationToken cancellation) =>
            throw new NotSupportedException();

        public Task<string> FetchAsync(
            StoredArtifact artifact,
            string copy,
            CancellationToken cancellation
        ) => throw new NotSupportedException();

        public Task<IReadOnlyList<string>> ListAsync(
            string prefix,
            CancellationToken cancellation
        ) => throw new NotSupportedException();
    }
}
