using EncodeFarm.Media.Tools;
using EncodeFarm.Media.Tools.Locate;

namespace EncodeFarm.TestMedia;

/// <summary>The real tools of this machine, found once per test process.</summary>
public static class TestTools
{
    public static IToolRunner Runner { get; } = new ToolRunner();

    private static readonly Lazy<Task<ToolSet>> Found = new(() =>
        new ToolLocator(Runner).LocateAsync()
    );

    public static Task<ToolSet> SetAsync() => Found.Value;

    /// <summary>Runs ffmpeg with <c>-nostdin -v error -y</c> in front; its standard output comes back.</summary>
    public static async Task<string> FfmpegAsync(params IEnumerable<string> arguments)
    {
        var tools = await SetAsync();
        var result = await Runner.RunAsync(
            new ToolCommand(
                tools.Ffmpeg.Path,
                ["-nostdin", "-hide_banner", "-v", "error", "-y", .. arguments],
                WorkKind.Encode
            ),
            CancellationToken.None
        );
        return result.Output;
    }

    public static async Task MkvmergeAsync(params IEnumerable<string> arguments)
    {
        var tools = await SetAsync();
        await Runner.RunAsync(
            new ToolCommand(tools.Mkvmerge.Path, ["-q", .. arguments], WorkKind.Mux)
            {
                GoodExitCodes = [0, 1],
            },
            CancellationToken.None
        );
    }
}
