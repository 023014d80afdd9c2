namespace EncodeFarm.TestMedia;

/// <summary>Clips that the tools of the tests can't make. They lie in the directory that ENCODEFARM_MEDIA names.</summary>
public static class SampleClips
{
    public const string Variable = "ENCODEFARM_MEDIA";

    /// <summary>Version 1.0, profile 8, level 1, RPU and base layer, compatible with HDR10: the record in the container.</summary>
    private static readonly byte[] Profile8 = [1, 0, 0x10, 0x0D, 0x10];

    /// <summary>Profile 7, level 1, RPU, enhancement and base layer, compatible with Blu-ray.</summary>
    private static readonly byte[] Profile7 = [1, 0, 0x0E, 0x0F, 0x60];

    /// <summary>Profile 5, level 1, RPU and base layer, compatible with nothing.</summary>
    private static readonly byte[] Profile5 = [1, 0, 0x0A, 0x0D, 0];

    /// <summary>Why the samples are not to be had; null where they are.</summary>
    public static string? Missing =>
        Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } directory
            ? $"{Variable} names no directory with dolby-vision-8.1.mkv and hdr10plus.mkv"
        : Directory.Exists(directory) ? null
        : $"there is no directory '{directory}' ({Variable})";

    /// <exception cref="SampleMissingException">There is none.</exception>
    public static Task<string> PathAsync(string name)
    {
        if (Missing is { } reason)
        {
            throw new SampleMissingException(reason);
        }
        var path = Path.Combine(Environment.GetEnvironmentVariable(Variable)!, name);
        return File.Exists(path)
            ? Task.FromResult(path)
            : throw new SampleMissingException($"'{path}' is missing");
    }

    /// <summary>The sample of profile 8.1 whose container says profile 7.</summary>
    public static Task<string> DolbyVision7() => WithRecord("dolby-vision-7.mkv", Profile7);

    /// <summary>The sample of profile 8.1 whose container says profile 5.</summary>
    public static Task<string> DolbyVision5() => WithRecord("dolby-vision-5.mkv", Profile5);

    private static async Task<string> WithRecord(string name, byte[] record)
    {
        var source = await PathAsync("dolby-vision-8.1.mkv");
        return await ClipCache.GetAsync(
            name,
            async path =>
            {
                var bytes = await File.ReadAllBytesAsync(source);
                var at = bytes.AsSpan().IndexOf(Profile8);
                record.CopyTo(bytes, at);
                await File.WriteAllBytesAsync(path, bytes);
            }
        );
    }
}

public sealed class SampleMissingException(string message) : Exception(message);
