using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

public sealed class S3AddressTests
{
    [Theory]
    [InlineData("s3://farm/film.mkv", "farm", "film.mkv")]
    [InlineData("s3://farm/.out/..film..mkv", "farm", ".out/..film..mkv")]
    [InlineData("s3://my.films-1/a/b c/Über 日本.mkv", "my.films-1", "a/b c/Über 日本.mkv")]
    public void An_object_is_named_by_bucket_and_key(string text, string bucket, string key)
    {
        var address = S3Address.Parse(text);

        (address.Bucket, address.Key).ShouldBe((bucket, key));
        address.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("s3://", "names no object")]
    [InlineData("s3://bucket", "names no object")]
    [InlineData("s3://bucket/", "names no object")]
    [InlineData("s3://bucket/dir/", "names no object")]
    [InlineData("/bucket/film.mkv", "names no object")]
    [InlineData("s3:///film.mkv", "no name of a bucket")]
    [InlineData("s3://Films/film.mkv", "no name of a bucket")]
    [InlineData("s3://a_b_c/film.mkv", "no name of a bucket")]
    [InlineData("s3://bucket/film.mkv?endpoint=x", "has a letter")]
    [InlineData("s3://bucket/fi\nlm.mkv", "has a letter")]
    [InlineData("s3://bucket/out/../film.mkv", "no folder in a bucket")]
    [InlineData("s3://bucket/./film.mkv", "no folder in a bucket")]
    [InlineData("s3://bucket/out/..", "no folder in a bucket")]
    public void Anything_else_is_refused_in_a_sentence(string text, string words)
    {
        var error = Should.Throw<FormatException>(() => S3Address.Parse(text));

        error.Message.ShouldContain(words);
        error.Message.ShouldEndWith(".");
    }

    [Fact]
    public void A_key_has_1024_bytes_at_most()
    {
        S3Address.Parse($"s3://bucket/{new string('a', 1024)}").Key.Length.ShouldBe(1024);
        Should
            .Throw<FormatException>(() => S3Address.Parse($"s3://bucket/{new string('ü', 513)}"))
            .Message.ShouldContain("longer than 1024 bytes");
    }
}
