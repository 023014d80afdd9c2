using System.Text.Json;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Analysis;

/// <summary>Describes the main video stream. Pure: reads what the probes have said.</summary>
internal static class VideoReader
{
    /// <param name="stream">ffprobe's description of the stream in the working file.</param>
    /// <param name="frames">ffprobe's first decoded frames, for what only the bitstream knows.</param>
    public static VideoStream Read(
        JsonElement stream,
        JsonElement frames,
        Rational timeBase,
        FrameRateVerdict rate,
        string? language
    )
    {
        var frame = frames.Items("frames").FirstOrDefault();
        var pixelFormat = frame.Text("pix_fmt") ?? stream.Text("pix_fmt") ?? "yuv420p";
        var color = Color(stream, frame);
        var fieldOrder = FieldOrder(stream, frame);
        var orientation = Orientation.Read(stream, frame);
        return new VideoStream(
            StreamCatalog.IndexOf(stream),
            stream.Text("codec_name") ?? "unknown",
            (int)(stream.Integer("width") ?? 0),
            (int)(stream.Integer("height") ?? 0),
            pixelFormat,
            BitDepth(pixelFormat),
            timeBase,
            rate.Rate,
            rate.Variable,
            stream.Ratio("sample_aspect_ratio") ?? new Rational(1, 1),
            orientation.Rotation,
            fieldOrder is "tt" or "bb" or "tb" or "bt",
            fieldOrder,
            color,
            color.Transfer switch
            {
                "smpte2084" => Hdr.Pq,
                "arib-std-b67" => Hdr.Hlg,
                _ => Hdr.None,
            },
            Mastering(stream, frame),
            Light(stream, frame),
            null,
            SideData(stream, frame, "HDR10+") is not null,
            language,
            stream.Tag("title"),
            orientation.Mirrored,
            // Of what is turned, the halves would lie elsewhere.
            orientation is { Rotation: 0, Mirrored: false }
                ? StereoModes.Read(stream, frame)
                : null
        );
    }

    /// <summary>Bits per component by ffmpeg's naming: yuv420p10le, gray12be, p010le, rgb48le; 8 without a byte order.</summary>
    public static int BitDepth(string pixelFormat)
    {
        if (
            !pixelFormat.EndsWith("le", StringComparison.Ordinal)
            && !pixelFormat.EndsWith("be", StringComparison.Ordinal)
        )
        {
            return 8;
        }
        return pixelFormat[..^2] switch
        {
            [.., 'p', '9'] => 9,
            [.., '1', '0'] => 10,
            [.., '1', '2'] => 12,
            [.., '1', '4'] => 14,
            [.., '1', '6'] or [.., '4', '8'] or [.., '6', '4'] => 16,
            _ => 8,
        };
    }

    /// <summary>The stream's words, and the picture's where the stream has none.</summary>
    public static ColorTags Color(JsonElement stream, JsonElement frame = default) =>
        new(
            stream.Text("color_range") ?? frame.Text("color_range"),
            stream.Text("color_primaries") ?? frame.Text("color_primaries"),
            stream.Text("color_transfer") ?? frame.Text("color_transfer"),
            stream.Text("color_space") ?? frame.Text("color_space"),
            stream.Text("chroma_location") ?? frame.Text("chroma_location")
        );

    /// <summary>The container's word, else the decoder's.</summary>
    private static string? FieldOrder(JsonElement stream, JsonElement frame)
    {
        if (stream.Text("field_order") is { } said)
        {
            return said;
        }
        return frame.Integer("interlaced_frame") == 1
            ? frame.Integer("top_field_first") == 1
                ? "tt"
                : "bb"
            : null;
    }

    private static JsonElement? SideData(JsonElement stream, JsonElement frame, string type) =>
        stream.SideData(type) ?? frame.SideData(type);

    public static MasteringDisplay? Mastering(JsonElement stream, JsonElement frame = default)
    {
        if (SideData(stream, frame, "Mastering display metadata") is not { } data)
        {
            return null;
        }
        double Value(string name) => data.Ratio(name)?.Value ?? 0;
        return data.Ratio("red_x") is null && data.Ratio("max_luminance") is null
            ? null
            : new MasteringDisplay(
                Value("red_x"),
                Value("red_y"),
                Value("green_x"),
                Value("green_y"),
                Value("blue_x"),
                Value("blue_y"),
                Value("white_point_x"),
                Value("white_point_y"),
                Value("min_luminance"),
                Value("max_luminance")
            );
    }

    public static ContentLight? Light(JsonElement stream, JsonElement frame = default) =>
        SideData(stream, frame, "Content light level metadata") is { } data
            ? new ContentLight(
                (int)(data.Integer("max_content") ?? 0),
                (int)(data.Integer("max_average") ?? 0)
            )
            : null;
}
