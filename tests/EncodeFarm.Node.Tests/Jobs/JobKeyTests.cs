using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Node.Jobs;

namespace EncodeFarm.Node.Tests.Jobs;

public sealed class JobKeyTests
{
    private static readonly SourceIdentity Source = new(
        "/in/film.mkv",
        1000,
        DateTimeOffset.UnixEpoch
    );
    private static readonly Profile Profile = new()
    {
        Name = "p",
        Renditions = [new Rendition { Name = "r" }],
    };
    private static readonly string Key = JobKey.Of(Source, Profile, ["/out/film.mkv"]);

    [Fact]
    public void The_same_command_gives_the_same_key()
    {
        Key.ShouldMatch("^[0-9a-f]{16}$");
        JobKey
            .Of(Source with { }, Profile with { Description = "other words" }, ["/out/film.mkv"])
            .ShouldBe(Key);
    }

    [Fact]
    public void Everything_that_makes_another_job_gives_another_key()
    {
        Rendition first = Profile.Renditions[0];
        string[] others =
        [
            JobKey.Of(Source with { Path = "/in/film2.mkv" }, Profile, ["/out/film.mkv"]),
            JobKey.Of(Source with { Size = 1001 }, Profile, ["/out/film.mkv"]),
            JobKey.Of(
                Source with
                {
                    ModifiedUtc = DateTimeOffset.UnixEpoch.AddTicks(1),
                },
                Profile,
                ["/out/film.mkv"]
            ),
            JobKey.Of(Source, Profile, ["/out/film2.mkv"]),
            JobKey.Of(Source, Profile, ["/out/film.mkv", "/out/film2.mkv"]),
            JobKey.Of(Source, Profile with { Name = "q" }, ["/out/film.mkv"]),
            JobKey.Of(Source, Profile with { Container = Container.Mp4 }, ["/out/film.mkv"]),
            JobKey.Of(Source, Profile with { SegmentSeconds = 14.5 }, ["/out/film.mkv"]),
            JobKey.Of(Source, Profile with { Ladder = true }, ["/out/film.mkv"]),
            JobKey.Of(Source, Profile with { Unchunked = true }, ["/out/film.mkv"]),
            JobKey.Of(Source, Profile with { Crop = CropSetting.Off }, ["/out/film.mkv"]),
            JobKey.Of(
                Source,
                Profile with
                {
                    Crop = new CropSetting(false, new CropRectangle(2, 4, 0, 0)),
                },
                ["/out/film.mkv"]
            ),
            With(first with { Video = first.Video with { Preset = "7" } }),
            With(first with { Video = first.Video with { Crf = 20.5 } }),
            With(
                first with
                {
                    Video = first.Video with { Quality = new QualitySettings { Target = 92 } },
                }
            ),
            With(first with { Audio = new AudioSettings { Bitrate = 96_000 } }),
        ];

        others.Append(Key).Distinct().Count().ShouldBe(others.Length + 1);

        static string With(Rendition rendition) =>
            JobKey.Of(Source, Profile with { Renditions = [rendition] }, ["/out/film.mkv"]);
    }
}
