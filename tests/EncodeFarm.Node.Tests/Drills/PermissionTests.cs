using System.Diagnostics;

namespace EncodeFarm.Node.Tests.Drills;

/// <summary>As a user who may do less than the owner of the files: one clear sentence, and nothing left behind.</summary>
public sealed class PermissionTests : IDisposable
{
    /// <summary>"nobody" of Debian and most others.</summary>
    const string Nobody = "65534";

    readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task An_output_directory_that_may_not_be_written_is_named_with_the_reason()
    {
        var source = Copy("source.mkv", await Drill.SourceAsync());
        var output = Directory.CreateDirectory(_directory.File("out")).FullName;

        var end = await AsNobodyAsync("encode", source, "-o", output);

        end.ShouldBe(
            (
                3,
                "",
                $"✗ '{output}' can't be written: this user may not make files there. Choose another directory with -o.\n"
            )
        );
        Directory.GetFileSystemEntries(output).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_source_in_a_closed_directory_is_not_said_to_be_missing()
    {
        var closed = Directory.CreateDirectory(_directory.File("closed")).FullName;
        var source = Copy("closed/source.mkv", await Drill.SourceAsync());
        Mode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        var end = await AsNobodyAsync("encode", source, "-o", _directory.File("out.mkv"));

        end.ShouldBe(
            (
                3,
                "",
                $"✗ '{source}' can't be read: this user may not enter its directory. Change the permissions, or copy the file to another place.\n"
            )
        );
    }

    [Fact]
    public async Task A_source_that_may_not_be_read_is_said_so()
    {
        var source = Copy("source.mkv", await Drill.SourceAsync());
        Mode(source, UnixFileMode.UserRead);
        var open = Directory.CreateDirectory(_directory.File("open")).FullName;
        Mode(open, (UnixFileMode)0x1FF);

        var end = await AsNobodyAsync("encode", source, "-o", open, "-p", "av1-crf", "--quiet");

        end.Error.ShouldBe($"✗ '{source}' may not be read by this user. Check its permissions.\n");
        end.Code.ShouldBe(3);
        Directory.GetFileSystemEntries(open).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_work_directory_of_another_user_is_named()
    {
        var source = Copy("source.mkv", await Drill.SourceAsync());
        var work = _directory.File("theirs/work");
        Directory.CreateDirectory(_directory.File("theirs"));

        var end = await AsNobodyAsync("encode", source, "--work", work);

        end.Code.ShouldBe(3);
        end.Error.ShouldBe(
            $"✗ The work directory '{work}' can't be used: this user may not make it. Choose another one with --work.\n"
        );
    }

    string Copy(string name, string source)
    {
        var copy = _directory.File(name);
        File.Copy(source, copy);
        return copy;
    }

    static void Mode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    async Task<(int Code, string Output, string Error)> AsNobodyAsync(params string[] arguments)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can become another user.");
        Mode(_directory.Path, (UnixFileMode)0x1ED);
        var state = Directory.CreateDirectory(_directory.File("state")).FullName;
        Mode(state, (UnixFileMode)0x1FF);
        (await RunAsync("--version")).Code.ShouldBe(0, "the program may be run by everybody");
        return await RunAsync(arguments);

        async Task<(int Code, string Output, string Error)> RunAsync(params string[] words)
        {
            var start = new ProcessStartInfo(
                "setpriv",
                [
                    $"--reuid={Nobody}",
                    $"--regid={Nobody}",
                    "--clear-groups",
                    FarmProcess.Program,
                    .. words,
                ]
            )
            {
                WorkingDirectory = _directory.Path,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["XDG_STATE_HOME"] = state;
            start.Environment["HOME"] = state;
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, await output, await error);
        }
    }
}
