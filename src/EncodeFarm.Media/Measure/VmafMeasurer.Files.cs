using System.Text.Json;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Plan;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Measure;

public sealed partial class VmafMeasurer
{
    /// <summary>
    /// Compares the first video streams of two files. The distorted one is scaled to the reference (bicubic), frames are
    /// paired by number, and nothing is assumed of their timestamps.
    /// </summary>
    /// <param name="subsample">Every n-th frame is scored, from the first; 1 scores all.</param>
    /// <exception cref="FarmException">
    /// <see cref="FarmError.BadInput"/> where a file has no video or the frame counts differ; names both counts.
    /// </exception>
    /// <exception cref="ToolFailedException">A process failed.</exception>
    public async Task<Measurement> MeasureFilesAsync(
        string reference,
        string distorted,
        int subsample,
        CancellationToken cancellation
    )
    {
        var picture = await ProbeAsync(reference, cancellation);
        await ProbeAsync(distorted, cancellation);
        var model = VmafModel.For(picture.Width, picture.Height);
        var directory = Directory.CreateTempSubdirectory("encodefarm-vmaf-");
        try
        {
            var result = await _run.RunAsync(
                new VmafRequest(
                    FileFeed(reference, picture),
                    FileFeed(distorted, picture),
                    picture.PixelFormat,
                    model,
                    subsample,
                    PsnrAndSsim: false,
                    directory.FullName,
                    new EncodeLimits(),
                    OnProgress: null
                ),
                cancellation
            );
            if (result.ReferenceFrames != result.DistortedFrames)
            {
                throw new FarmException(
                    FarmError.BadInput,
                    $"{reference} has {result.ReferenceFrames} frames and {distorted} has {result.DistortedFrames}: frames are paired by number, so the counts must be equal."
                );
            }
            CheckScored(result.Scores, (int)result.ReferenceFrames, subsample);
            return new Measurement(
                ScoreStatistics.Of(result.Scores, model),
                (int)result.ReferenceFrames,
                result.CpuSeconds
            );
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static Feed FileFeed(string path, Picture picture) =>
        new([
            "-i",
            DecodeArguments.FileArgument(Path.GetFullPath(path)),
            "-map",
            "0:v:0",
            "-vf",
            // Timestamps of any source fit y4m's even grid once they count frames.
            $"scale={picture.Width}:{picture.Height}:flags={FilterChain.ScalerFlags},settb=1/25,setpts=N",
            "-fps_mode",
            "passthrough",
            "-enc_time_base",
            "1:25",
        ]);

    /// <summary>Size as it is displayed (turned where the file says so), and 8 or 10 bits as the file has them.</summary>
    private async Task<Picture> ProbeAsync(string path, CancellationToken cancellation)
    {
        ToolResult result;
        try
        {
            result = await runner.RunAsync(
                new ToolCommand(
                    tools.Ffprobe.Path,
                    [
                        "-v",
                        "error",
                        "-select_streams",
                        "v:0",
                        "-show_entries",
                        "stream=width,height,pix_fmt:stream_side_data=rotation",
                        "-of",
                        "json",
                        DecodeArguments.FileArgument(Path.GetFullPath(path)),
                    ],
                    WorkKind.Measure
                ),
                cancellation
            );
        }
        catch (ToolFailedException failure) when (failure.Kind == ToolFailureKind.ExitCode)
        {
            throw NoVideo(path, failure);
        }
        var stream = ProbeJson.Parse(result.Output).Items("streams").FirstOrDefault();
        if (
            (int?)stream.Integer("width") is not { } width
            || (int?)stream.Integer("height") is not { } height
            || stream.Member("pix_fmt")?.GetString() is not { } format
        )
        {
            throw NoVideo(path, null);
        }
        var (w, h) = IsTurned(stream) ? (height, width) : (width, height);
        // ffmpeg names the byte order of the formats that have more than one byte a sample.
        var deep = format.EndsWith("le") || format.EndsWith("be");
        return new Picture(w, h, deep ? "yuv420p10le" : "yuv420p");
    }

    private static bool IsTurned(JsonElement stream) =>
        stream
            .Items("side_data_list")
            .Any(data =>
                data.Integer("rotation") is { } rotation && Math.Abs(rotation) % 180 == 90
            );

    private static FarmException NoVideo(string path, Exception? inner) =>
        new(
            FarmError.BadInput,
            $"{path} can't be measured: it has no video that can be read.",
            inner: inner
        );

    private sealed record Picture(int Width, int Height, string PixelFormat);
}
