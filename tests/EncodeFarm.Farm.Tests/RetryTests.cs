using System.Collections.Concurrent;
using EncodeFarm.Actors.Testing;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Farm.Tests;

/// <summary>A failed job begins again: only what failed.</summary>
public sealed class RetryTests : IDisposable
{
    readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_segment_that_missed_its_last_tier_tries_that_again()
    {
        var story = new VideoStory(Samples.Job(bestEffort: false));
        for (var tier = 1; tier <= 3; tier++)
        {
            story.Wanted.Offers[0].Task.Tier!.Number.ShouldBe(tier);
            story.End(
                $"1-{tier}",
                new AttemptOutcome.Missed("flat curve", [], 2, new(1, null, null))
            );
        }
        story.State.State.ShouldBe(JobState.Failed);

        story.Take(new Retry());

        story.Wanted.Offers.ShouldHaveSingleItem().Task.Tier.ShouldNotBeNull().Number.ShouldBe(3);
    }

    [Fact]
    public async Task A_job_whose_destination_was_given_to_another_one_is_not_begun_again()
    {
        var failing = Samples.Job() with { Id = "failing" };
        var other = Samples.Job() with { Id = "other" };
        var media = new FakeMedia
        {
            Plan = spec =>
                spec.Id == "failing"
                    ? throw new FarmException(FarmError.BadInput, "It is no video.", "Mend it.")
                    : Samples.Plan(spec, segments: 1, audio: 0),
        };
        await using var term = await BeginAsync(media);
        await term.SubmitAsync(failing, default);
        await term.Monitor.UntilAsync(
            () => term.Monitor.Videos["failing"].State == JobState.Failed,
            default
        );
        (await term.SubmitAsync(other, default)).Refusal.ShouldBeNull();

        var answer = await term.CommandAsync("failing", new Retry(), default);

        answer
            .ShouldNotBeNull()
            .Refusal.ShouldBe(
                "The job other delivers to /out/0.mkv already; choose another output."
            );
        term.Monitor.Videos["failing"].State.ShouldBe(JobState.Failed);

        await term.CommandAsync("other", new Cancel(), default);
        answer = await term.CommandAsync("failing", new Retry(), default);
        answer.ShouldNotBeNull().Refusal.ShouldBeNull();
    }

    Task<CoordinatorTerm> BeginAsync(IMediaWork media) =>
        CoordinatorTerm.BeginAsync(
            new TermOptions(
                7,
                _directory.File("jobs"),
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
            new InProcessNetwork(TimeProvider.System, _ => { }).Join(NodeAddress.New("c")),
            new InMemoryJournal(),
            new MemoryIndex(),
            new DirectoryStore(_directory.File("store")),
            media,
            default
        );

    sealed class MemoryIndex : IJobIndex
    {
        readonly ConcurrentDictionary<string, JobEntry> _entries = [];

        public Task<IReadOnlyList<JobEntry>> ListAsync(CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<JobEntry>>([.. _entries.Values]);

        public Task SaveAsync(JobEntry entry, CancellationToken cancellation)
        {
            _entries[entry.Id] = entry;
            return Task.CompletedTask;
        }
    }
}
