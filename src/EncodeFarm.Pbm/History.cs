namespace EncodeFarm.Pbm;

/// <summary>The lines of this and earlier conversations, in a file that only its owner can read.</summary>
public sealed class History
{
    private const int Kept = 1000;

    private readonly string? _path;
    private readonly List<string> _lines = [];

    /// <param name="path">Null keeps nothing.</param>
    public History(string? path)
    {
        _path = path;
        try
        {
            if (path is not null && File.Exists(path))
            {
                _lines.AddRange(File.ReadLines(path).TakeLast(Kept));
                if (File.ReadLines(path).Take(2 * Kept + 1).Count() > 2 * Kept)
                {
                    File.WriteAllLines(path, _lines);
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A conversation goes well without yesterday's lines.
            _path = null;
        }
    }

    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Repeated lines are kept once; those that begin with a blank, not at all.</summary>
    public void Add(string line)
    {
        if (
            string.IsNullOrWhiteSpace(line)
            || line[0] == ' '
            || _lines.Count > 0 && _lines[^1] == line
        )
        {
            return;
        }
        _lines.Add(line);
        if (_path is null)
        {
            return;
        }
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            var mode = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                mode.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }
            using var file = new StreamWriter(new FileStream(_path, mode));
            file.WriteLine(line);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // As above.
        }
    }

    /// <summary>In the user's state directory; null where the user has no home.</summary>
    public static string? FileOf(IReadOnlyDictionary<string, string> environment)
    {
        var state = environment.GetValueOrDefault("XDG_STATE_HOME");
        var home = environment.GetValueOrDefault("HOME");
        var root =
            !string.IsNullOrEmpty(state) ? state
            : !string.IsNullOrEmpty(home) ? Path.Combine(home, ".local", "state")
            : null;
        return root is null ? null : Path.Combine(root, "encodefarm", "pbm_history");
    }
}
