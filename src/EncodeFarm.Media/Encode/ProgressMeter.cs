using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Encode;

/// <summary>
/// Turns the progress of the processes of one attempt into one fraction that only grows, although nobody knows beforehand how many
/// probes it takes: up to the usual number it grows evenly, then ever more slowly.
/// </summary>
/// <param name="expectedFrames">Frames to be encoded and measured in all, as far as can be guessed.</param>
internal sealed class ProgressMeter(IProgress<AttemptProgress> progress, double expectedFrames)
{
    /// <summary>Share of an encode in an encode with its measurement: 198 of 240 CPU ms a frame at preset 6.</summary>
    private const double EncodeShare = 0.8;

    private double _doneFrames;

    /// <summary>What to call with the progress of a process that treats this many frames.</summary>
    public Action<FfmpegProgress> Phase(string name, int frames, bool measures)
    {
        var from = measures ? EncodeShare : 0;
        var share = measures ? 1 - EncodeShare : EncodeShare;
        progress.Report(new AttemptProgress(name, Fraction(frames * from, frames), null));
        return block =>
        {
            var part = Math.Clamp((double)block.Frame / frames, 0, 1);
            progress.Report(
                new AttemptProgress(
                    name,
                    Fraction(frames * (from + share * part), frames),
                    block.Fps > 0 ? block.Fps : null
                )
            );
        };
    }

    public void Done(int frames) => _doneFrames += frames;

    public void Finish() => progress.Report(new AttemptProgress("done", 1, null));

    private double Fraction(double current, int frames)
    {
        var done = _doneFrames + current;
        return done / (done + Math.Max(expectedFrames - done, frames / 4.0));
    }
}
