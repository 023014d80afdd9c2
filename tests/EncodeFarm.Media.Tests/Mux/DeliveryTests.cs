using EncodeFarm.Media.Model;
using EncodeFarm.Media.Mux;

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

    [Theory]
    [InlineData("same name")]
    [InlineData("roundabout name")]
    [InlineData("symbolic link")]
    [InlineData("hard link")]
    [InlineData("linked directory")]
    public void A_file_is_known_by_every_name(string way)
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

        Delivery.SameFile(path, _source).ShouldBeTrue();
        Delivery.SameFile(_directory.File("another.mkv"), _source).ShouldBeFalse();
    }

    [Theory]
    [InlineData("plain.mkv")]
    [InlineData("-dash 'quote' \"double\" 100% : ü 日本.mkv")]
    [InlineData("new\nline.mkv")]
    public async Task A_file_gets_its_name_at_the_end(string name)
    {
        var destination = _directory.File(name);
        var temporary = Delivery.TemporaryPath(destination, "job-1", "1");
        await File.WriteAllTextAsync(temporary, "finished");

        await CommitAsync(temporary, destination, overwrite: false);

        File.ReadAllText(destination).ShouldBe("finished");
        File.Exists(temporary).ShouldBeFalse();
    }

    [Fact]
    public void What_earlier_muxes_of_the_job_left_is_swept_and_nothing_else()
    {
        var destination = _directory.File("x.mkv");
        string[] swept =
        [
            Delivery.TemporaryPath(destination, "job-1", "1"),
            Delivery.TemporaryPath(destination, "job-1", "2"),
        ];
        string[] kept =
        [
            destination,
            Delivery.TemporaryPath(destination, "job-2", "1"),
            Delivery.TemporaryPath(_directory.File("y.mkv"), "job-1", "1"),
        ];
        foreach (var path in swept.Concat(kept))
        {
            File.WriteAllText(path, "");
        }

        Delivery.SweepTemporaries(destination, "job-1");

        swept.ShouldAllBe(path => !File.Exists(path));
        kept.ShouldAllBe(path => File.Exists(path));
    }

    [Fact]
    public void The_temporary_name_is_hidden_and_short()
    {
        var destination = _directory.File(new string('x', 251) + ".mkv");

        var temporary = Delivery.TemporaryPath(destination, "job-1", "1");

        Path.GetDirectoryName(temporary).ShouldBe(_directory.Path);
        Path.GetFileName(temporary).ShouldStartWith(".");
        Path.GetFileName(temporary).Length.ShouldBeLessThan(64);
        Delivery.TemporaryPath(destination, "job-1", "1").ShouldBe(temporary);
        Delivery.TemporaryPath(destination, "job-2", "1").ShouldNotBe(temporary);
        Delivery.TemporaryPath(_directory.File("y"), "job-1", "1").ShouldNotBe(temporary);
    }

    [Fact]
    public async Task A_file_that_came_meanwhile_is_not_replaced()
    {
        var destination = _directory.File("out.mkv");
        var temporary = Delivery.TemporaryPath(destination, "job", "1");
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
        var temporary = Delivery.TemporaryPath(destination, "job", "1");
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
        var temporary = Delivery.TemporaryPath(destination, "job", "1");
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
