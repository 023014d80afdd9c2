using EncodeFarm.Farm.Videos;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>One small job that is disturbed in many ways, and the hash that it must have after each of them.</summary>
public sealed class Drill : IDisposable
{
    static readonly Dictionary<string, string> NoVariables = [];
    static readonly TimeSpan OrphanLimit = TimeSpan.FromSeconds(60);

    static readonly Lazy<Task<string>> Calm = new(async () =>
    {
        using var drill = new Drill();
        return (await drill.Start(await SourceAsync()).DeliveredAsync()).VideoSha256;
    });

    readonly TestDirectory _directory = new();
    readonly List<FarmProcess> _started = [];

    public string Output => _directory.File("out.mkv");

    public string Work => _directory.File("work");

    public JobWatch Watch => new(Work);

    /// <summary>Five seconds, so five segments.</summary>
    public static Task<string> SourceAsync() => TestClips.H264OpenGop();

    /// <summary>Of the video when nothing disturbs the job.</summary>
    public static Task<string> CalmHashAsync() => Calm.Value;

    public string File(string name) => _directory.File(name);

    /// <summary>Starts the job, or lets it go on; the same command each time.</summary>
    public FarmProcess Start(string source, params string[] more) =>
        Start(source, NoVariables, more);

    public FarmProcess Start(
        string source,
        IReadOnlyDictionary<string, string> variables,
        params string[] more
    )
    {
        var farm = FarmProcess.Start(
            variables,
            [
                "encode",
                source,
                "-o",
                Output,
                "--work",
                Work,
                "-p",
                "av1-crf",
                "-s",
                "encoding.preset=11",
                "-s",
                "segment.seconds=1",
                "--slots",
                "2",
                "--json",
                .. more,
            ]
        );
        _started.Add(farm);
        return farm;
    }

    /// <summary>Makes a script that stands for a tool.</summary>
    /// <returns>The variable that makes the farm take it.</returns>
    public IReadOnlyDictionary<string, string> Tool(string name, string script)
    {
        var path = File(name);
        System.IO.File.WriteAllText(path, script);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        return new Dictionary<string, string> { [$"ENCODEFARM_{name.ToUpperInvariant()}"] = path };
    }

    /// <summary>No tool outlives the farm that started it.</summary>
    public async Task NoOrphansAsync()
    {
        using var limit = new CancellationTokenSource(OrphanLimit);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (Watch.Processes() is { Count: > 0 } orphans)
        {
            limit.IsCancellationRequested.ShouldBeFalse(
                $"processes {string.Join(", ", orphans)} outlived the farm"
            );
            await look.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>The attempt whose result was accepted, by segment.</summary>
    public async Task<IReadOnlyDictionary<SegmentId, string>> AcceptedAsync() =>
        (await Watch.JournalAsync())
            .OfType<SegmentEncoded>()
            .ToDictionary(e => e.Segment, e => e.Attempt);

    public void NothingTemporaryIsLeft() =>
        Directory.GetFiles(_directory.Path, ".*").ShouldBeEmpty("nothing temporary is left");

    public void Dispose()
    {
        _started.ForEach(farm => farm.Dispose());
        _directory.Dispose();
    }
}
