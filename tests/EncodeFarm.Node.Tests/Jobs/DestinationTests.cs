using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Node.Jobs;

namespace EncodeFarm.Node.Tests.Jobs;

public sealed class DestinationTests : IDisposable
{
    private static readonly Profile One = new()
    {
        Name = "av1-vmaf",
        Renditions = [new Rendition { Name = "av1-vmaf" }],
    };

    private static readonly Profile Two = new()
    {
        Name = "ladder",
        Container = Container.Mp4,
        Renditions = [new Rendition { Name = "144p" }, new Rendition { Name = "240p" }],
    };

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("/in/film.mp4", "/in/film.av1-vmaf.mkv")]
    [InlineData("/in/no extension", "/in/no extension.av1-vmaf.mkv")]
    [InlineData("/in/a.b.c.ts", "/in/a.b.c.av1-vmaf.mkv")]
    [InlineData("/in/-x 'y' \"z\"\n100%: 日本.mkv", "/in/-x 'y' \"z\"\n100%: 日本.av1-vmaf.mkv")]
    public void Without_a_place_the_output_lies_beside_the_source(
        string source,
        string destination
    ) => Destinations.For(source, One, OutputPlace.Parse(null, 1, "/")).ShouldBe([destination]);

    [Fact]
    public void Each_rendition_has_its_own_file()
    {
        Destinations
            .For("/in/film.mkv", Two, OutputPlace.Parse(null, 1, "/"))
            .ShouldBe(["/in/film.ladder.144p.mp4", "/in/film.ladder.240p.mp4"]);
        Destinations
            .For("/in/film.mkv", Two, OutputPlace.Parse("/out/x.mp4", 1, "/"))
            .ShouldBe(["/out/x.144p.mp4", "/out/x.240p.mp4"]);
    }

    [Fact]
    public void An_object_in_a_bucket_is_named_in_full()
    {
        Destinations
            .For("/in/film.mp4", One, OutputPlace.Parse("s3://films/a/x y.mkv", 1, "/here"))
            .ShouldBe(["s3://films/a/x y.mkv"]);
        Destinations
            .For("/in/film.mkv", Two, OutputPlace.Parse("s3://films/a/x.mp4", 1, "/"))
            .ShouldBe(["s3://films/a/x.144p.mp4", "s3://films/a/x.240p.mp4"]);
        foreach (var (output, sources) in new[] { ("s3://films/a/", 1), ("s3://films/x.mkv", 2) })
        {
            var error = Should.Throw<FarmException>(() => OutputPlace.Parse(output, sources, "/"));
            error.Error.ShouldBe(FarmError.BadConfiguration);
            error.Message.ShouldContain("names no object in a bucket; give each source its own");
        }
    }

    [Theory]
    [InlineData("s3://films/done/a.mkv", true)]
    [InlineData("s3://films/other/a.mkv", false)]
    [InlineData("s3://films/done2/a.mkv", false)]
    [InlineData("/srv/a.mkv", false)]
    public void A_bucket_is_a_root_like_a_directory(string output, bool allowed)
    {
        Roots.Contain(["s3://films/done"], output).ShouldBe(allowed);
        Roots.Contain(["s3://films/done/", "/out"], output).ShouldBe(allowed);
        Roots.Contain(["/", "/out"], output).ShouldBe(output[0] == '/');
    }

    [Fact]
    public void A_directory_takes_the_outputs()
    {
        Destinations
            .For("/in/film.mp4", One, OutputPlace.Parse(_directory.Path, 2, "/"))
            .ShouldBe([$"{_directory.Path}/film.av1-vmaf.mkv"]);
        OutputPlace.Parse("out/", 2, "/here").ShouldBe(new OutputPlace("/here/out", null));
    }

    [Fact]
    public void A_file_is_taken_as_it_is() =>
        Destinations
            .For("/in/film.mp4", One, OutputPlace.Parse("x", 1, "/here"))
            .ShouldBe(["/here/x"]);

    [Fact]
    public void Several_sources_need_a_directory() =>
        Should
            .Throw<FarmException>(() => OutputPlace.Parse("x.mkv", 2, "/"))
            .Message.ShouldStartWith("-o 'x.mkv' is no directory, but there are 2 sources.");

    [Theory]
    [InlineData(
        "/x.MP4",
        "Name it .mkv, or choose another container that holds its streams: .mp4 with -s container=mp4"
    )]
    [InlineData(
        "/x.avi",
        "Name it .mkv, or choose another container that holds its streams: .mp4 with -s container=mp4 or .webm with -s container=webm"
    )]
    public void A_name_of_another_container_is_refused_with_those_that_fit(
        string output,
        string advice
    ) => Refusal(One, output).ShouldEndWith(advice);

    [Fact]
    public void A_container_that_can_not_hold_the_streams_is_not_offered()
    {
        var h264 = new Rendition
        {
            Name = "x",
            Video = new VideoSettings { Codec = VideoCodec.H264, Preset = "fast" },
        };
        var profile = new Profile
        {
            Name = "x",
            Container = Container.Mp4,
            Renditions = [h264],
        };

        Refusal(profile, "/x.webm").ShouldEndWith("streams: .mkv with -s container=mkv");
    }

    [Theory]
    [InlineData("/out/x.MKV")]
    [InlineData("/out/Mr. Robot")]
    [InlineData("/out/film.2024")]
    public void Other_dots_are_no_containers(string output) =>
        Destinations.For("/in/film.mkv", One, OutputPlace.Parse(output, 1, "/")).ShouldBe([output]);

    private static string Refusal(Profile profile, string output)
    {
        var refused = Should.Throw<FarmException>(() =>
            Destinations.For("/in/film.mkv", profile, OutputPlace.Parse(output, 1, "/"))
        );
        refused.Error.ShouldBe(FarmError.BadConfiguration);
        return refused.Message;
    }

    [Fact]
    public void The_source_is_never_its_own_output() =>
        Should
            .Throw<FarmException>(() =>
                Destinations.For("/in/x.mkv", One, OutputPlace.Parse("/in/x.mkv", 1, "/"))
            )
            .Error.ShouldBe(FarmError.BadOutput);

    [Fact]
    public void Two_sources_do_not_share_an_output()
    {
        var twins = new[] { ("/a/x.mkv", "/out/x.mkv"), ("/b/x.mp4", "/out/x.mkv") };

        Should
            .Throw<FarmException>(() => Destinations.RefuseTwins(twins))
            .Message.ShouldStartWith("'/a/x.mkv' and '/b/x.mp4' would both become '/out/x.mkv'.");
    }

    [Fact]
    public void Links_are_followed_before_roots_are_judged()
    {
        var inside = Directory.CreateDirectory(Path.Combine(_directory.Path, "inside")).FullName;
        var outside = _directory.Write("outside/film.mkv", "x");
        var link = Path.Combine(inside, "link.mkv");
        File.CreateSymbolicLink(link, "../outside/film.mkv");

        RealPath.Of(link).ShouldBe(outside);
        Roots.RequireSource(Path.Combine(inside, "film.mkv"), [inside]);
        Roots.RequireSource(link, []);
        Should
            .Throw<FarmException>(() => Roots.RequireSource(link, [inside]))
            .Error.ShouldBe(FarmError.BadInput);
        Should
            .Throw<FarmException>(() => Roots.RequireOutput($"{inside}-too/x.mkv", [inside]))
            .Message.ShouldContain("roots.outputs");
    }

    [Fact]
    public void A_ring_of_links_ends()
    {
        var link = Path.Combine(_directory.Path, "ring");
        File.CreateSymbolicLink(link, link);

        RealPath.Of(link).ShouldBe(link);
    }
}
