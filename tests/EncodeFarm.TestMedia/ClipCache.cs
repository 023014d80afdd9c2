using System.Collections.Concurrent;

namespace EncodeFarm.TestMedia;

/// <summary>Each clip is made once per test process, in a directory that is deleted when the process ends.</summary>
internal static class ClipCache
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Clips = new();

    private static readonly Lazy<TestDirectory> Home = new(() =>
    {
        var directory = new TestDirectory("encodefarm-clips");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => directory.Dispose();
        return directory;
    });

    /// <summary>The path of the clip of that file name; <paramref name="make"/> writes it if it is not there yet.</summary>
    public static Task<string> GetAsync(string fileName, Func<string, Task> make) =>
        Clips
            .GetOrAdd(
                fileName,
                name => new Lazy<Task<string>>(async () =>
                {
                    var path = Home.Value.File(name);
                    await make(path);
                    return path;
                })
            )
            .Value;

    /// <summary>Raw yuv420p pictures, shared by all clips of that shape.</summary>
    public static Task<string> PicturesAsync(int width, int height, int frames, int bar = 0) =>
        GetAsync(
            $"raw-{width}x{height}-{frames}-{bar}.yuv",
            path =>
            {
                Pictures.Write(path, width, height, frames, bar);
                return Task.CompletedTask;
            }
        );
}
