using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;

namespace EncodeFarm.Farm.Tests;

/// <summary>Work without pictures and sound: it does what a test says, and what it says nothing of lasts for ever.</summary>
sealed class FakeMedia : IMediaWork
{
    public Func<JobSpec, PlanMade>? Plan { get; init; }

    /// <summary>It is given the encoder's threads, however much memory they take.</summary>
    public Func<SegmentTask, int, SegmentOutcome>? Encode { get; init; }

    public Task<PlanMade> PlanAsync(
        JobSpec spec,
        string directory,
        CancellationToken cancellation
    ) => DoAsync<PlanMade>(Plan is null ? null : () => Plan(spec), cancellation);

    public Task<SegmentOutcome> EncodeAsync(
        string video,
        SegmentTask task,
        string scratch,
        SlotShare share,
        IProgress<AttemptProgress> progress,
        CancellationToken cancellation
    ) =>
        DoAsync<SegmentOutcome>(
            Encode is null ? null : () => Encode(task, share.Threads(_ => 0)),
            cancellation
        );

    public Task<CutPiece> CutAsync(
        VideoState state,
        int segment,
        string path,
        string directory,
        CancellationToken cancellation
    ) => DoAsync<CutPiece>(null, cancellation);

    public Task<CopiedFile> CopyWholeAsync(
        VideoState state,
        string path,
        CancellationToken cancellation
    ) => DoAsync<CopiedFile>(null, cancellation);

    public Task<EncodedAudio> EncodeAudioAsync(
        VideoState state,
        int variant,
        int track,
        string directory,
        CancellationToken cancellation
    ) => DoAsync<EncodedAudio>(null, cancellation);

    public Task<Delivering> MuxAsync(
        VideoState state,
        int rendition,
        IReadOnlyList<string> segments,
        string directory,
        CancellationToken cancellation
    ) => DoAsync<Delivering>(null, cancellation);

    public Task DeliverAsync(JobSpec spec, Delivering file, CancellationToken cancellation) =>
        DoAsync<bool>(null, cancellation);

    static async Task<T> DoAsync<T>(Func<T>? work, CancellationToken cancellation)
    {
        if (work is null)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }
        return work!();
    }
}
