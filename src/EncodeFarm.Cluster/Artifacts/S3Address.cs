using System.Text;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>An object in a bucket, as people write it: <c>s3://bucket/films/film.mkv</c>.</summary>
public sealed record S3Address(string Bucket, string Key)
{
    public const string Scheme = "s3://";

    /// <summary>Bytes in UTF-8, by S3's own rule.</summary>
    private const int LongestKey = 1024;

    /// <summary>S3's own rule for names of buckets: 3 to 63 letters.</summary>
    private const int ShortestBucket = 3;
    private const int LongestBucket = 63;

    /// <summary>Whether a text is meant as one, well formed or not.</summary>
    public static bool Is(string? text) =>
        text is not null && text.StartsWith(Scheme, StringComparison.Ordinal);

    /// <exception cref="FormatException">It names no object. The message is a sentence.</exception>
    public static S3Address Parse(string text)
    {
        var rest = Is(text) ? text[Scheme.Length..] : throw new FormatException(NoObject(text));
        var slash = rest.IndexOf('/');
        var (bucket, key) = slash < 0 ? (rest, "") : (rest[..slash], rest[(slash + 1)..]);
        var problem =
            key.Length == 0 || key[^1] == '/' ? NoObject(text)
            : !IsBucket(bucket)
                ? $"'{bucket}' is no name of a bucket: {ShortestBucket} to {LongestBucket} small letters, digits, dots and dashes."
            : key.Any(letter => char.IsControl(letter) || letter is '?' or '#')
                ? $"'{text}' has a letter that names of objects here do not have: ?, # or a control character."
            : key.Split('/').Any(segment => segment is "." or "..")
                ? $"'{text}' has '.' or '..' between its slashes, which is no folder in a bucket: write the name out."
            : Encoding.UTF8.GetByteCount(key) > LongestKey
                ? $"The name of the object in '{text}' is longer than {LongestKey} bytes."
            : null;
        return problem is null ? new S3Address(bucket, key) : throw new FormatException(problem);
    }

    private static string NoObject(string text) =>
        $"'{text}' names no object in a bucket; give each source its own, such as s3://bucket/films/film.mkv.";

    private static bool IsBucket(string name) =>
        name.Length is >= ShortestBucket and <= LongestBucket
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(letter =>
            char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-'
        );

    public override string ToString() => $"{Scheme}{Bucket}/{Key}";
}
