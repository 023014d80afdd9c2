using System.Text.Json;

namespace EncodeFarm.Media.Analysis;

/// <summary>How a player puts a picture before it shows it: first mirrored, then turned.</summary>
/// <param name="Rotation">Degrees clockwise: 0, 90, 180 or 270.</param>
/// <param name="Mirrored">Left and right are exchanged before the turn.</param>
/// <param name="Asked">The turn that the source asks for, degrees clockwise; another one where it is no quarter turn.</param>
internal readonly record struct Orientation(int Rotation, bool Mirrored, double Asked)
{
    /// <summary>What a matrix in 16.16 fixed point is off by, degrees; generous.</summary>
    private const double Slack = 1;

    /// <summary>The turn asked for is not one of those that are made.</summary>
    public bool Oblique => Math.Abs(Math.IEEERemainder(Asked - Rotation, 360)) > Slack;

    /// <summary>The container's word, else the bitstream's, else the old tag "rotate", which is clockwise.</summary>
    public static Orientation Read(JsonElement stream, JsonElement frame)
    {
        var data =
            stream.SideData("Display Matrix")
            ?? frame.SideData("displaymatrix")
            ?? frame.SideData("Display Matrix");
        if (Numbers(data?.Text("displaymatrix")) is { Length: 9 } matrix)
        {
            return Of(matrix);
        }
        // ffprobe's angle is counterclockwise.
        var clockwise =
            -data?.Number("rotation")
            ?? (double.TryParse(stream.Tag("rotate"), out var tag) ? tag : 0);
        return new Orientation(Quarter(clockwise), Mirrored: false, clockwise);
    }

    /// <summary>
    /// A point (x, y) is shown at (a x + c y, b x + d y), the matrix being a b u, c d v, … A negative determinant
    /// mirrors; mirroring first changes the sign of a and b alone, so c and d tell the turn in either case.
    /// </summary>
    private static Orientation Of(double[] matrix)
    {
        var (a, b, c, d) = (matrix[0], matrix[1], matrix[3], matrix[4]);
        var clockwise = Math.Atan2(-c, d) * 180 / Math.PI;
        return new Orientation(Quarter(clockwise), a * d - b * c < 0, clockwise);
    }

    private static int Quarter(double clockwise) =>
        double.IsFinite(clockwise) ? ((int)Math.Round(clockwise / 90) % 4 + 4) % 4 * 90 : 0;

    /// <summary>ffprobe's rows of "00000000:  65536  0  0" without their labels.</summary>
    private static double[] Numbers(string? rows) =>
        rows is null
            ? []
            :
            [
                .. rows.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
                    .Where(word => !word.EndsWith(':'))
                    .Select(word => double.TryParse(word, out var number) ? number : double.NaN),
            ];
}
