using EncodeFarm.Media.Model;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Mux;

/// <summary>
/// The check before delivery. It decodes nothing: the packets of the accepted segments were decoded when they were
/// made, so it is enough that the same packets are in the file, in order, at the right time.
/// </summary>
public sealed class OutputValidator(ToolSet tools, IToolRunner runner)
{
    /// <returns>A report, also where the file is missing or can't be read.</returns>
    /// <exception cref="ToolFailedException">A tool was killed, stalled, or found no room: nothing is known of the file.</exception>
    public async Task<ValidationReport> ValidateAsync(
        ValidationRequest request,
        CancellationToken cancellation
    )
    {
        var file = new FileInfo(request.Path);
        if (file is not { Exists: true, Length: > 0 })
        {
            var found = file.Exists ? "an empty file" : "nothing";
            return new ValidationReport(
                [new ValidationCheck("file", "a file with content", found, Ok: false)],
                CpuSeconds: 0
            );
        }
        var meter = new CpuMeter(runner);
        try
        {
            var checks = await CheckAsync(request, meter, cancellation);
            return new ValidationReport(checks, meter.Seconds);
        }
        catch (Exception exception) when (IsUnreadable(exception))
        {
            return new ValidationReport(
                [new ValidationCheck("file", "a readable file", exception.Message, Ok: false)],
                meter.Seconds
            );
        }
    }

    private async Task<IReadOnlyList<ValidationCheck>> CheckAsync(
        ValidationRequest request,
        CpuMeter meter,
        CancellationToken cancellation
    )
    {
        var plan = await new Mkvmerge(tools, meter).PlanAsync(
            request.Analysis,
            request.Container,
            WorkKind.Validate,
            cancellation
        );
        var found = await new OutputReader(tools, meter).ReadAsync(
            request.Path,
            request.Container,
            request.Video.Path,
            cancellation
        );
        var encoded = new List<StreamPackets>();
        foreach (var audio in request.Audio)
        {
            var packets = await PayloadScan.RunAsync(
                tools,
                meter,
                audio.Path,
                WorkKind.Validate,
                cancellation
            );
            encoded.Add(packets.GetValueOrDefault(0) ?? new StreamPackets());
        }
        return
        [
            .. VideoChecks.Of(request, found),
            .. SoundChecks.Of(request, plan, encoded, found),
            .. CarriedChecks.Of(
                request,
                plan,
                await SubtitlesAsync(request, plan, meter, cancellation),
                found
            ),
        ];
    }

    private async Task<IReadOnlyDictionary<int, StreamPackets>> SubtitlesAsync(
        ValidationRequest request,
        CarryPlan plan,
        CpuMeter meter,
        CancellationToken cancellation
    ) =>
        plan.Subtitles.All(subtitle => subtitle.Converted)
            ? new Dictionary<int, StreamPackets>()
            : await PayloadScan.RunAsync(
                tools,
                meter,
                request.Analysis.Source.Path,
                WorkKind.Validate,
                cancellation,
                only: "s"
            );

    private static bool IsUnreadable(Exception exception) =>
        exception
            is ToolFailedException { Kind: ToolFailureKind.ExitCode }
                or FarmException { Error: FarmError.BadInput }
                or InvalidDataException;
}
