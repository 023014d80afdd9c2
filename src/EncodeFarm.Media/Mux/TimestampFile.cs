namespace EncodeFarm.Media.Mux;

/// <summary>mkvmerge's timestamp file, format v2: one timestamp a frame, milliseconds, and the end of the last one.</summary>
internal static class TimestampFile
{
    public static async Task WriteAsync(
        string path,
        IEnumerable<double> milliseconds,
        CancellationToken cancellation
    )
    {
        await using var writer = new StreamWriter(path);
        await writer.WriteLineAsync("# timestamp format v2".AsMemory(), cancellation);
        foreach (var time in milliseconds)
        {
            // A first frame at -0.0000001 would be an error to mkvmerge.
            var line = Math.Max(0, time).ToString("0.000000");
            await writer.WriteLineAsync(line.AsMemory(), cancellation);
        }
    }
}
