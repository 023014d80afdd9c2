namespace EncodeFarm.Cluster.Artifacts;

/// <summary>Files are read and written in one pass, through one buffer.</summary>
static class FileCopy
{
    /// <summary>Large enough that a turn of the loop costs nothing beside its bytes.</summary>
    public const int BufferSize = 256 * 1024;

    public static FileStream OpenRead(string path) =>
        new(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                BufferSize = 0,
            }
        );

    /// <summary>At its end; made where there is none.</summary>
    public static FileStream OpenAppend(string path)
    {
        var file = new FileStream(
            path,
            new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.Write,
                Share = FileShare.Read,
                Options = FileOptions.Asynchronous,
                BufferSize = 0,
            }
        );
        file.Seek(0, SeekOrigin.End);
        return file;
    }
}
