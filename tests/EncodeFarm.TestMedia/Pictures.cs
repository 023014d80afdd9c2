namespace EncodeFarm.TestMedia;

/// <summary>
/// Raw pictures (yuv420p) of which each differs strongly from its neighbours: blocks of brightness whose phase turns
/// by 2.4 radians a frame, so that no two frames near each other are alike. Encoders can still compress them.
/// </summary>
internal static class Pictures
{
    private const double TurnPerFrame = 2.4;
    private const int BlocksAcross = 8;
    private const int BlocksDown = 6;

    /// <summary>Writes <paramref name="frames"/> pictures; a band of <paramref name="bar"/> rows is black above and below.</summary>
    public static void Write(string path, int width, int height, int frames, int bar = 0)
    {
        using var file = File.Create(path);
        var luma = new byte[width * height];
        var chroma = new byte[(width + 1) / 2 * ((height + 1) / 2)];
        for (var frame = 0; frame < frames; frame++)
        {
            DrawLuma(luma, width, height, bar, frame);
            file.Write(luma);
            DrawChroma(chroma, frame, bar, (width + 1) / 2);
            file.Write(chroma);
            DrawChroma(chroma, frame + 7, bar, (width + 1) / 2);
            file.Write(chroma);
        }
    }

    private static void DrawLuma(byte[] luma, int width, int height, int bar, int frame)
    {
        Array.Fill(luma, (byte)16);
        for (var y = bar; y < height - bar; y++)
        {
            var row = y * BlocksDown / height;
            for (var x = 0; x < width; x++)
            {
                var column = x * BlocksAcross / width;
                var phase = TurnPerFrame * frame + 1.7 * column + 2.9 * row;
                luma[y * width + x] = (byte)(
                    126 + 80 * Math.Sin(phase) + 8 * Math.Sin((x + 3 * frame) * 0.2)
                );
            }
        }
    }

    private static void DrawChroma(byte[] chroma, int frame, int bar, int stride)
    {
        Array.Fill(chroma, (byte)128);
        for (var i = bar / 2 * stride; i < chroma.Length - bar / 2 * stride; i++)
        {
            chroma[i] = (byte)(128 + 30 * Math.Sin(0.1 * frame + i % stride * 0.05));
        }
    }
}
