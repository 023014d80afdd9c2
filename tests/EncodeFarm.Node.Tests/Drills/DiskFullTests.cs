using System.Diagnostics;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>A disk of a few MiB that fills up: the work pauses, says so, and goes on when there is room.</summary>
public sealed class DiskFullTests
{
    const int DiskMiB = 48;

    /// <summary>An ffmpeg that begins the second segment when the disk is full; otherwise the job might be over by then.</summary>
    const string Waiting = """
        #!/bin/sh
        here=$(dirname "$0")
        case "$*" in
            *libsvtav1*) mkdir "$here/first" 2>/dev/null || while [ ! -e "$here/full" ]; do sleep 0.05; done ;;
        esac
        exec ffmpeg "$@"

        """;

    [Fact]
    public async Task Work_pauses_while_the_work_directory_is_full()
    {
        using var directory = new TestDirectory();
        await using var disk = await SmallDisk.MountAsync(directory.File("disk"));
        var ffmpeg = directory.Write("ffmpeg", Waiting);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(ffmpeg, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        using var farm = Start(
            await TestClips.H264OpenGop(),
            directory.File("out.mkv"),
            directory.File("disk"),
            new Dictionary<string, string> { ["ENCODEFARM_FFMPEG"] = ffmpeg }
        );
        await new JobWatch(directory.File("disk")).SeeAsync(farm, " is encoded, ");
        disk.Fill();
        directory.Write("full", "");
        await farm.HearAsync("disk full");
        disk.MakeRoom();
        var end = await farm.EndAsync();

        end.ExitCode.ShouldBe(0, end.Errors);
        end.Rendition.GetProperty("state").GetString().ShouldBe("Delivered");
    }

    [Fact]
    public async Task Work_pauses_while_the_destination_is_full()
    {
        using var directory = new TestDirectory();
        await using var disk = await SmallDisk.MountAsync(directory.File("disk"));
        disk.Fill();
        using var farm = Start(
            await TestClips.H264OpenGop(),
            directory.File("disk/out.mkv"),
            directory.File("work")
        );
        await farm.HearAsync("There is no room");
        Directory.GetFiles(directory.File("disk"), "*.mkv").ShouldBeEmpty();
        disk.MakeRoom();
        var end = await farm.EndAsync();

        end.ExitCode.ShouldBe(0, end.Errors);
        Directory.GetFiles(directory.File("disk")).Select(Path.GetFileName).ShouldBe(["out.mkv"]);
    }

    static FarmProcess Start(
        string source,
        string output,
        string work,
        Dictionary<string, string>? variables = null
    ) =>
        FarmProcess.Start(
            variables ?? [],
            [
                "encode",
                source,
                "-o",
                output,
                "--work",
                work,
                "-p",
                "av1-crf",
                "-s",
                "encoding.preset=4",
                "-s",
                "segment.seconds=1",
                "--slots",
                "1",
                "--json",
            ]
        );

    /// <summary>A file system in memory; only root may mount one.</summary>
    sealed class SmallDisk(string path) : IAsyncDisposable
    {
        string Filler => Path.Combine(path, "filler");

        public static async Task<SmallDisk> MountAsync(string path)
        {
            Directory.CreateDirectory(path);
            var code = await RunAsync(
                "mount",
                "-t",
                "tmpfs",
                "-o",
                $"size={DiskMiB}m",
                "tmpfs",
                path
            );
            Assert.SkipUnless(
                code == 0,
                "A small file system can't be mounted here (it takes root)."
            );
            return new SmallDisk(path);
        }

        public void Fill()
        {
            using var file = File.Create(Filler);
            var block = new byte[64 << 10];
            try
            {
                while (true)
                {
                    file.Write(block);
                    file.Flush();
                }
            }
            catch (IOException)
            {
                // Full.
            }
        }

        public void MakeRoom() => File.Delete(Filler);

        public async ValueTask DisposeAsync() => await RunAsync("umount", "--lazy", path);

        static async Task<int> RunAsync(string program, params string[] arguments)
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true };
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync();
            return process.ExitCode;
        }
    }
}
