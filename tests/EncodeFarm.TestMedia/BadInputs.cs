using System.Diagnostics;
using System.Net.Sockets;

namespace EncodeFarm.TestMedia;

/// <summary>A file that can't be used as a source.</summary>
/// <param name="Name">For test names.</param>
/// <param name="Says">Part of the sentence that a user gets.</param>
/// <param name="MakeAsync">Makes it in a directory and returns its path.</param>
public sealed record BadInput(string Name, string Says, Func<TestDirectory, Task<string>> MakeAsync)
{
    public override string ToString() => Name;
}

/// <summary>Everything that people give by mistake, and some that they give on purpose.</summary>
public static class BadInputs
{
    public static IReadOnlyList<BadInput> All { get; } =
    [
        new("missing", "does not exist", home => Task.FromResult(home.File("missing.mkv"))),
        new("directory", "is a directory", MakeDirectory),
        new("dangling link", "does not exist", MakeDanglingLink),
        new("pipe", "is a pipe, socket or device", MakePipe),
        new("socket", "is a pipe, socket or device", MakeSocket),
        new("device", "is a pipe, socket or device", _ => Task.FromResult("/dev/zero")),
        new("empty", "is empty", home => Text(home, "empty.mp4", "")),
        new(
            "text",
            "is a text file",
            home => Text(home, "notes.mkv", "Dear diary,\nrain again.\n")
        ),
        new("noise", "is not a video", MakeNoise),
        new("png", "is an image", home => Image(home, "still.png")),
        new("jpeg", "is an image", home => Image(home, "still.jpg")),
        new("gif", "is an image", home => Image(home, "still.gif")),
        new("image called mkv", "is an image", home => Renamed(home, "still.png", "still.mkv")),
        new("audio in MP4", "holds no video stream", home => Sound(home, "sound.m4a")),
        new("MP3 with a cover", "holds no video stream", MakeMp3WithCover),
        new("WAV", "holds no video stream", home => Sound(home, "sound.wav")),
        new("m3u8", "is a playlist", home => Text(home, "list.m3u8", Hls)),
        new("m3u8 called mkv", "is a playlist", home => Text(home, "list.mkv", Hls)),
        new("m3u", "is a playlist", home => Text(home, "list.m3u", "#EXTM3U\n/etc/passwd\n")),
        new(
            "ffconcat",
            "is a playlist",
            home => Text(home, "a.ffconcat", "ffconcat version 1.0\nfile /a.mp4\n")
        ),
        new("mpd", "is a playlist", home => Text(home, "a.mpd", Dash)),
        new("playlist with a binary tail", "is a playlist", MakeBinaryPlaylist),
        new("MP4 without moov", "no 'moov' box", home => Cut(home, TestClips.H264ClosedGop, 0.5)),
        new("MP4 with moov first, cut", "seconds are usable", MakeCutFaststart),
        new("MKV cut", "seconds are usable", home => Cut(home, TestClips.H264OpenGop, 0.5)),
        new(
            "MKV header only",
            "before its first picture",
            home => Cut(home, TestClips.H264OpenGop, 0.01, 900)
        ),
        new("tiny picture", "48x32", MakeTiny),
        new("clock that jumps back", "its clock jumps back by 2", _ => HardTimes.ClockJumpsBack()),
    ];

    private const string Hls =
        "#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:6,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n";

    private const string Dash =
        "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\"><Period/></MPD>";

    private static Task<string> MakeDirectory(TestDirectory home)
    {
        Directory.CreateDirectory(home.File("folder.mkv"));
        return Task.FromResult(home.File("folder.mkv"));
    }

    private static Task<string> MakeDanglingLink(TestDirectory home)
    {
        File.CreateSymbolicLink(home.File("link.mkv"), home.File("nowhere.mkv"));
        return Task.FromResult(home.File("link.mkv"));
    }

    private static async Task<string> MakePipe(TestDirectory home)
    {
        using var mkfifo = Process.Start("mkfifo", [home.File("pipe.mkv")]);
        await mkfifo.WaitForExitAsync();
        return home.File("pipe.mkv");
    }

    private static Task<string> MakeSocket(TestDirectory home)
    {
        using var socket = new Socket(
            AddressFamily.Unix,
            SocketType.Stream,
            ProtocolType.Unspecified
        );
        socket.Bind(new UnixDomainSocketEndPoint(home.File("socket")));
        // The name outlives the socket unless it is closed; a link keeps it for the test.
        using var link = Process.Start("ln", [home.File("socket"), home.File("socket.mkv")]);
        link.WaitForExit();
        return Task.FromResult(home.File("socket.mkv"));
    }

    private static async Task<string> Text(TestDirectory home, string name, string text)
    {
        await File.WriteAllTextAsync(home.File(name), text);
        return home.File(name);
    }

    private static async Task<string> MakeNoise(TestDirectory home)
    {
        var noise = new byte[20_000];
        new Random(1).NextBytes(noise);
        await File.WriteAllBytesAsync(home.File("noise.mp4"), noise);
        return home.File("noise.mp4");
    }

    private static async Task<string> Image(TestDirectory home, string name)
    {
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=128x96:r=5:d=1",
            "-frames:v",
            "1",
            home.File(name)
        );
        return home.File(name);
    }

    private static async Task<string> Renamed(TestDirectory home, string name, string newName)
    {
        File.Move(await Image(home, name), home.File(newName));
        return home.File(newName);
    }

    private static async Task<string> Sound(TestDirectory home, string name)
    {
        await TestTools.FfmpegAsync("-f", "lavfi", "-i", "sine=d=1", home.File(name));
        return home.File(name);
    }

    private static async Task<string> MakeMp3WithCover(TestDirectory home)
    {
        await TestTools.FfmpegAsync(
            "-i",
            await Sound(home, "plain.mp3"),
            "-i",
            await Image(home, "cover.png"),
            "-map",
            "0",
            "-map",
            "1",
            "-c",
            "copy",
            "-disposition:v:0",
            "attached_pic",
            home.File("cover.mp3")
        );
        return home.File("cover.mp3");
    }

    private static async Task<string> MakeBinaryPlaylist(TestDirectory home)
    {
        await File.WriteAllBytesAsync(
            home.File("list.m3u8"),
            [.. System.Text.Encoding.ASCII.GetBytes(Hls), 0, 1, 2, 3]
        );
        return home.File("list.m3u8");
    }

    private static async Task<string> MakeCutFaststart(TestDirectory home)
    {
        var whole = home.File("faststart.mp4");
        await TestTools.FfmpegAsync(
            "-i",
            await TestClips.H264ClosedGop(),
            "-c",
            "copy",
            "-movflags",
            "+faststart",
            whole
        );
        return await Cut(home, () => Task.FromResult(whole), 0.6);
    }

    private static async Task<string> MakeTiny(TestDirectory home)
    {
        await TestTools.FfmpegAsync(
            "-f",
            "lavfi",
            "-i",
            "testsrc2=s=48x32:r=10:d=1",
            "-c:v",
            "libx264",
            home.File("tiny.mkv")
        );
        return home.File("tiny.mkv");
    }

    private static async Task<string> Cut(
        TestDirectory home,
        Func<Task<string>> clip,
        double share,
        int atLeast = 0
    )
    {
        var whole = await clip();
        var bytes = await File.ReadAllBytesAsync(whole);
        var path = home.File("cut" + Path.GetExtension(whole));
        await File.WriteAllBytesAsync(
            path,
            bytes[..Math.Max((int)(bytes.Length * share), atLeast)]
        );
        return path;
    }
}
