using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Tests.Tools;

/// <summary>Short programs for the tests of the runner.</summary>
internal static class Shell
{
    internal static ToolCommand Command(string script, params string[] arguments) =>
        new("/bin/sh", ["-c", script, "sh", .. arguments], WorkKind.Analyze);

    internal static ToolCommand Ffmpeg(params string[] arguments) =>
        new("/usr/bin/ffmpeg", ["-nostdin", "-v", "error", .. arguments], WorkKind.Encode);

    /// <summary>Completes when every process that has opened the named pipe for writing is gone.</summary>
    internal static async Task AllWritersGoneAsync(Stream pipe, TimeSpan limit)
    {
        using var deadline = new CancellationTokenSource(limit);
        await pipe.CopyToAsync(Stream.Null, deadline.Token).WaitAsync(limit);
    }
}
