using System.Text.Json;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Tests.Analysis;

/// <summary>Matroska's PixelCrop, in mkvmerge's words: left, top, right, bottom.</summary>
public sealed class PixelCropTests
{
    private static readonly CropDecision NoBars = new(null, 1, "no black bars");

    [Theory]
    [InlineData("10,4,30,6", "152:98:10:4", "152:98:10:4")]
    // Half a pair of pixels stays.
    [InlineData("3,5,0,0", "189:103:3:5", "190:104:2:4")]
    [InlineData("0,0,0,0", null, null)]
    [InlineData("100,0,100,0", null, null)]
    [InlineData("-1,0,0,0", null, null)]
    [InlineData("1,2,3", null, null)]
    [InlineData("", null, null)]
    public void What_is_shown(string cropping, string? shown, string? kept)
    {
        var crop = Read(cropping);

        (crop?.Shown.ToString(), crop?.Within(NoBars).Rectangle?.ToString()).ShouldBe(
            (shown, kept)
        );
    }

    [Fact]
    public void Black_bars_within_it_are_cut_off_too() =>
        Read("10,4,30,6")!
            .Value.Within(new CropDecision(new CropRectangle(192, 80, 0, 14), 0.9, "black bars"))
            .ShouldBe(
                new CropDecision(
                    new CropRectangle(152, 80, 10, 14),
                    0.9,
                    "the container shows 152:98:10:4; black bars"
                )
            );

    /// <summary>192x108 on the screen for 152x98 pixels.</summary>
    [Fact]
    public void The_display_size_is_that_of_what_is_shown() =>
        Read("10,4,30,6")!
            .Value.Aspect(new Rational(1, 1), 192, 108)
            .ShouldBe(new Rational(196, 171));

    private static PixelCrop? Read(string cropping) =>
        PixelCrop.Read(
            JsonDocument
                .Parse(
                    $$$"""{"tracks": [{"id": 0, "properties": {}}, {"id": 1, "properties": {"cropping": "{{{cropping}}}"}}]}"""
                )
                .RootElement,
            1,
            192,
            108
        );
}
