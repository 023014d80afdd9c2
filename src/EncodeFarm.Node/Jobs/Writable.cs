namespace EncodeFarm.Node.Jobs;

/// <summary>Tells whether files can be made in a directory, by making one that vanishes with its closing.</summary>
public static class Writable
{
    /// <exception cref="IOException">There is no such directory, or it takes no files.</exception>
    /// <exception cref="UnauthorizedAccessException">It is not permitted.</exception>
    public static void Require(string directory)
    {
        var path = Path.Combine(directory, $".encodefarm-{Guid.NewGuid():n}");
        new FileStream(
            path,
            FileMode.CreateNew,
            FileAccess.Write,
            FileShare.None,
            1,
            FileOptions.DeleteOnClose
        ).Dispose();
    }
}
