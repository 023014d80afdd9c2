using System.Text.Json;
using EncodeFarm.Media.Analysis;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>
/// What a container says of a picture's colours, apart from its bitstream. Numbers as <see cref="ColorCodes"/> has them;
/// null where the container is silent.
/// </summary>
internal sealed record ContainerColor(
    int? Range,
    int? Primaries,
    int? Transfer,
    int? Matrix,
    MasteringDisplay? Mastering,
    ContentLight? Light
)
{
    public static readonly ContainerColor Silent = new(null, null, null, null, null, null);

    /// <param name="properties">Those of a video track as <c>mkvmerge -J</c> prints them.</param>
    public static ContainerColor OfMatroska(JsonElement properties) =>
        new(
            (int?)properties.Integer("color_range"),
            (int?)properties.Integer("color_primaries"),
            (int?)properties.Integer("color_transfer_characteristics"),
            (int?)properties.Integer("color_matrix_coefficients"),
            Display(properties),
            properties.Integer("max_content_light") is { } content
            && properties.Integer("max_frame_light") is { } average
                ? new ContentLight((int)content, (int)average)
                : null
        );

    private static MasteringDisplay? Display(JsonElement properties) =>
        Coordinates(properties, "chromaticity_coordinates")
            is [var redX, var redY, var greenX, var greenY, var blueX, var blueY]
        && Coordinates(properties, "white_color_coordinates") is [var whiteX, var whiteY]
        && properties.Number("min_luminance") is { } least
        && properties.Number("max_luminance") is { } most
            ? new MasteringDisplay(
                redX,
                redY,
                greenX,
                greenY,
                blueX,
                blueY,
                whiteX,
                whiteY,
                least,
                most
            )
            : null;

    private static double[] Coordinates(JsonElement properties, string name) =>
        properties.Text(name) is { } text ? [.. text.Split(',').Select(double.Parse)] : [];
}
