using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;
using EncodeFarm.TestMedia;

namespace EncodeFarm.Media.Tests.Mux;

public sealed class DeliveryTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly string _source;

    public DeliveryTests()
    {
        _source = _directory.File("source.mkv");
        File.WriteAllText(_source, "source");
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_new_name_in_a_writable_directory_is_fine_and_nothing_is_left()
    {
        Delivery.Check(_directory.File("out.mkv"), _source, overwrite: false);

        Directory.GetFileSystemEntries(_directory.Path).ShouldBe([_source]);
    }

    [Theory]
    [InlineData("exists", "exists already")]
    [InlineData("dangling link", "exists already")]
    [InlineData("directory", "is a directory")]
    [InlineData("no directory", "does not exist")]
    [InlineData("not writable", "is not writable")]
    public void What_cant_be_written_is_refused(string what, string reason)
    {
        var path = _directory.File("out.mkv");
        switch (what)
        {
            case "exists":
                File.WriteAllText(path, "old");
                break;
            case "dangling link":
                File.CreateSymbolicLink(path, _directory.File("nowhere"));
                break;
            case "directory":
                Directory.CreateDirectory(path);
                break;
            case "not writable":
                Assert.SkipUnless(
                    Directory.Exists("/proc"),
                    "needs a directory that nobody can write to"
                );
                path = "/proc/out.mkv";
                break;
            default:
                path = Path.Combine(_directory.Path, "missing", "out.mkv");
                break;
        }

        var failure = Should.Throw<FarmException>(() =>
            Delivery.Check(path, _source, overwrite: false)
        );

        failure.Error.ShouldBe(FarmError.BadOutput);
        failure.Message.ShouldContain(
            reason.StartsWith("does") || reason.EndsWith("writable")
                ? Path.GetDirectoryName(path)!
                : path
        );
        failure.Message.ShouldContain(reason);
    }

    [Theory]
    [InlineData("same name")]
    [InlineData("roundabout name")]
    [InlineData("symbolic link")]
    [InlineData("hard link")]
    [InlineData("linked directory")]
    public void The_source_is_never_the_output(string way)
    {
        var path = _directory.File("link.mkv");
        switch (way)
        {
            case "same name":
                path = _source;
                break;
            case "roundabout name":
                path = Path.Combine(_directory.Path, ".", "x", "..", "source.mkv");
                Directory.CreateDirectory(_directory.File("x"));
                break;
            case "symbolic link":
                File.CreateSymbolicLink(path, _source);
                break;
            case "hard link":
                Assert.SkipUnless(
                    OperatingSystem.IsLinux(),
                    "hard links are told by inode on Linux"
                );
                NativeFiles.AddName(_source, path).ShouldBeTrue();
                break;
            default:
                Directory.CreateSymbolicLink(_directory.File("other"), _directory.Path);
                path = Path.Combine(_directory.File("other"), "source.mkv");
                break;
        }

        var failure = Should.Throw<FarmException>(() =>
            Delivery.Check(path, _source, overwrite: true)
        );

        failure.Message.ShouldContain("is the source itself");
    }

    [Theory]
    [InlineData("plain.mkv")]
    [InlineData("-dash 'quote' \"double\" 100% : ü 日本.mkv")]
    [InlineData("new\nline.mkv")]
    public async Task A_file_gets_its_name_at_the_end(string name)
    {
        var destination = _directory.File(name);
        var temporary = Delivery.TemporaryPath(destination, "job-1");
        await File.WriteAllTextAsync(temporary, "finished");

        await CommitAsync(temporary, destination, overwrite: false);

        File.ReadAllText(destination).ShouldBe("finished");
        File.Exists(temporary).ShouldBeFalse();
    }

    [Fact]
    public void The_temporary_name_is_hidden_short_and_always_the_same()
    {
        var destination = _directory.File(new string('x', 251) + ".mkv");

        var temporary = Delivery.TemporaryPath(destination, "job-1");

        Path.GetDirectoryName(temporary).ShouldBe(_directory.Path);
        Path.GetFileName(temporary).ShouldStartWith(".");
        Path.GetFileName(temporary).Length.ShouldBeLessThan(64);
        Delivery.TemporaryPath(destination, "job-1").ShouldBe(temporary);
        Delivery.TemporaryPath(destination, "job-2").ShouldNotBe(temporary);
        Delivery.TemporaryPath(_directory.File("y"), "job-1").ShouldNotBe(temporary);
    }

    [Fact]
    public async Task A_file_that_came_meanwhile_is_not_replaced()
    {
        var destination = _directory.File("out.mkv");
        var temporary = Delivery.TemporaryPath(destination, "job");
        await File.WriteAllTextAsync(temporary, "finished");
        await File.WriteAllTextAsync(destination, "somebody else's");

        var failure = await Should.ThrowAsync<FarmException>(() =>
            CommitAsync(temporary, destination, overwrite: false)
        );

        failure.Error.ShouldBe(FarmError.BadOutput);
        File.ReadAllText(destination).ShouldBe("somebody else's");
        File.ReadAllText(temporary).ShouldBe("finished");
    }

    [Fact]
    public async Task Overwriting_replaces_the_old_file_in_one_step()
    {
        var destination = _directory.File("out.mkv");
        var temporary = Delivery.TemporaryPath(destination, "job");
        await File.WriteAllTextAsync(destination, "old");
        await File.WriteAllTextAsync(temporary, "finished");
        using var reader = File.OpenRead(destination);

        await CommitAsync(temporary, destination, overwrite: true);

        File.ReadAllText(destination).ShouldBe("finished");
        new StreamReader(reader).ReadToEnd().ShouldBe("old");
    }

    [Fact]
    public async Task A_delivery_can_be_repeated_after_a_crash()
    {
        var destination = _directory.File("out.mkv");
        var temporary = Delivery.TemporaryPath(destination, "job");
        await File.WriteAllTextAsync(temporary, "finished");
        var hash = await FileHash.Sha256Async(temporary, CancellationToken.None);
        await CommitAsync(temporary, destination, overwrite: false);

        await Delivery.CommitAsync(temporary, destination, hash, false, CancellationToken.None);
        await File.WriteAllTextAsync(temporary, "finished");
        await Delivery.CommitAsync(temporary, destination, hash, false, CancellationToken.None);

        File.ReadAllText(destination).ShouldBe("finished");
        File.Exists(temporary).ShouldBeFalse();
    }

    [Fact]
    public async Task A_lost_file_is_not_delivered()
    {
        var destination = _directory.File("out.mkv");

        var failure = await Should.ThrowAsync<FarmException>(() =>
            Delivery.CommitAsync(
                _directory.File(".gone"),
                destination,
                new string('0', 64),
                overwrite: false,
                CancellationToken.None
            )
        );

        failure.Error.ShouldBe(FarmError.Invalid);
        File.Exists(destination).ShouldBeFalse();
    }

    [Fact]
    public async Task Without_an_exclusive_rename_a_second_name_does()
    {
        var from = await CopyAsync("from");
        var to = _directory.File("to");

        NativeFiles.TryLinkNew(from, to).ShouldBeTrue();
        File.Exists(from).ShouldBeFalse();
        NativeFiles.TryLinkNew(await CopyAsync("again"), to).ShouldBeFalse();

        File.ReadAllText(to).ShouldBe("from");
    }

    private async Task<string> CopyAsync(string name)
    {
        var path = _directory.File(name);
        await File.WriteAllTextAsync(path, name);
        return path;
    }

    private static async Task CommitAsync(string temporary, string destination, bool overwrite) =>
        await Delivery.CommitAsync(
            temporary,
            destination,
            await FileHash.Sha256Async(temporary, CancellationToken.None),
            overwrite,
            TestContext.Current.CancellationToken
        );
}
