namespace EncodeFarm.Media.Model;

/// <summary>Libraries of films are often full of symbolic links.</summary>
public static class SourceFile
{
    /// <summary>What a path leads to, with its own size and time instead of the link's.</summary>
    public static FileInfo Of(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null
            ? file
            : file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
    }
}
