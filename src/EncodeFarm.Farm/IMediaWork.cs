using EncodeFarm.Farm.Jobs;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Work;
using EncodeFarm.Media.Audio;
using EncodeFarm.Media.Encode;

namespace EncodeFarm.Farm;

/// <summary>
/// The work with pictures and sound that actors order. Every task can be cancelled and started again at any time. What
/// a failed one has cost is told by <see cref="AttemptBrokeException"/> and <see cref="TaskBrokeException"/>.
/// </summary>
public interface IMediaWork
{
    /// <summary>Analyses the source and cuts its frames into segments; leaves the frame table in <paramref name="directory"/>.</summary>
    Task<PlanMade> PlanAsync(JobSpec spec, string directory, CancellationToken cancellation);

    /// <summary>
    /// Copies the part of the source that a segment needs to <paramref name="path"/>. Where no part will do, nothing is
    /// copied: the segment needs the whole file.
    /// </summary>
    Task<CutPiece> CutAsync(
        VideoState state,
        int segment,
        string path,
        string directory,
        CancellationToken cancellation
    );

    /// <summary>Copies the whole file that decoders open to <paramref name="path"/>.</summary>
    Task<CopiedFile> CopyWholeAsync(VideoState state, string path, CancellationToken cancellation);

    /// <param name="scratch">A directory of the attempt's own.</param>
    /// <param name="share">Looked at before each encode; the encoded bits do not depend on it.</param>
    /// <exception cref="AttemptBrokeException">It failed, but not for its quality.</exception>
    Task<SegmentOutcome> EncodeAsync(
        string video,
        SegmentTask task,
        string scratch,
        SlotShare share,
        IProgress<AttemptProgress> progress,
        CancellationToken cancellation
    );

    Task<EncodedAudio> EncodeAudioAsync(
        VideoState state,
        int variant,
        int track,
        string directory,
        CancellationToken cancellation
    );

    /// <summary>Joins, muxes and validates a rendition beside its destination.</summary>
    /// <param name="segments">Local paths of the accepted segments, in order.</param>
    /// <exception cref="DamagedSegmentsException">Segments are not what was accepted.</exception>
    Task<Delivering> MuxAsync(
        VideoState state,
        int rendition,
        IReadOnlyList<string> segments,
        string directory,
        CancellationToken cancellation
    );

    /// <summary>Gives the validated file its name. Doing it twice does no harm.</summary>
    /// <exception cref="MuxedFileGoneException">Neither the temporary file nor the destination holds it.</exception>
    Task DeliverAsync(JobSpec spec, Delivering file, CancellationToken cancellation);
}

/// <param name="Sha256">Lower-case hex.</param>
public sealed record CopiedFile(long Length, string Sha256);

/// <param name="File">Null where the range is one of the whole file.</param>
public sealed record CutPiece(SourceRange Range, CopiedFile? File, double? CpuSeconds);

/// <summary>An attempt ended without a result; what it has cost counts all the same.</summary>
public sealed class AttemptBrokeException(Exception cause, AttemptCpu cpu)
    : Exception(cause.Message, cause)
{
    public AttemptCpu Cpu { get; } = cpu;
}

/// <summary>A task of the coordinator ended without a result; what it has cost counts all the same.</summary>
public sealed class TaskBrokeException(Exception cause, SpentCpu spent)
    : Exception(cause.Message, cause)
{
    public SpentCpu Spent { get; } = spent;
}

/// <summary>Accepted segments were found missing or altered; they have to be encoded again.</summary>
/// <param name="kind">Transfer where the store has lost them, Invalid where they came whole and don't fit to the others.</param>
public sealed class DamagedSegmentsException(
    FailureKind kind,
    IReadOnlyList<int> indices,
    string message
) : Exception(message)
{
    public FailureKind Kind { get; } = kind;
    public IReadOnlyList<int> Indices { get; } = indices;
}

/// <summary>The validated file has vanished before its delivery.</summary>
public sealed class MuxedFileGoneException(string message) : Exception(message);
