using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Encode;

/// <summary>What an attempt may take. None of it changes the encoded bits.</summary>
/// <param name="Stall">No progress of a process for this long ends it; null means no watch.</param>
/// <param name="Time">Each process may take this long; null means no limit.</param>
/// <param name="Threads">Encoder and decoder threads of the slot, at least 1.</param>
/// <param name="MemoryBytes">Largest resident set of an encoder; null means no limit.</param>
/// <param name="HardwareDecoder">ffmpeg's <c>-hwaccel</c> for the source; null decodes in software.</param>
public sealed record EncodeLimits(
    TimeSpan? Stall = null,
    TimeSpan? Time = null,
    int Threads = 1,
    long? MemoryBytes = null,
    string? HardwareDecoder = null
)
{
    /// <summary>
    /// How many threads the next encode may have, where cores of other slots are free; asked before each. Decoders do not
    /// follow it: with several threads they hide damage differently.
    /// </summary>
    public Func<int>? EncoderThreads { get; init; }

    internal int EncoderThreadsNow => Math.Max(Threads, EncoderThreads?.Invoke() ?? 1);

    /// <summary>The longest that cutting makes a segment, seconds: the limits are meant for up to this length.</summary>
    internal const double UsualSeconds = SegmentPlanner.MaxSeconds * (1 + SegmentPlanner.Reach);

    /// <summary>Seconds that decoding a second of pre-roll may take, on one core of a busy machine.</summary>
    private const double PreRollPatience = 4;

    /// <summary>
    /// A source in one piece may be hours long: it gets time by its length. Nothing else of its rendition runs beside it,
    /// so it gets all cores. And where keyframes are rare, no process shows progress before the pre-roll is decoded: not
    /// the decoder that drops it, nor those that wait for its first picture.
    /// </summary>
    internal EncodeLimits For(SourceRange range)
    {
        var preRoll = TimeSpan.FromSeconds(PreRollPatience * range.PreRollSeconds);
        var limits = this with { Stall = Stall + preRoll, Time = Time + preRoll };
        return range.DurationSeconds <= UsualSeconds
            ? limits
            : limits with
            {
                Time = limits.Time * (range.DurationSeconds / UsualSeconds),
                Threads = Math.Max(Threads, Environment.ProcessorCount),
            };
    }

    internal ToolCommand On(ToolCommand command) =>
        command with
        {
            StallLimit = Stall,
            // Whoever waits for a long pre-roll to be decoded is silent for as long.
            SilenceLimit = Stall is null ? command.SilenceLimit : null,
            TimeLimit = Time,
            MemoryLimitBytes = MemoryBytes,
        };
}
