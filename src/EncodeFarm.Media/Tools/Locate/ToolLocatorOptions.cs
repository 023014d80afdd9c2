namespace EncodeFarm.Media.Tools.Locate;

/// <summary>Where the locator looks and remembers.</summary>
public sealed record ToolLocatorOptions
{
    /// <summary>Keeps what was found, so that the next start asks no program; null asks them each time.</summary>
    public string? CacheDirectory { get; init; }

    /// <summary>The repository's <c>tools</c> directory is searched from here upwards.</summary>
    public string ApplicationDirectory { get; init; } = AppContext.BaseDirectory;

    /// <summary>Where programs are searched: the directories of PATH, then the usual ones.</summary>
    public IReadOnlyList<string> SearchDirectories { get; init; } = SearchPath.Directories;

    /// <summary>Reads an environment variable; null where it is not set.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>
    /// How long a tool may take to say what it is: a healthy one needs 0.1 s, and much more on a cold disk or a busy
    /// machine.
    /// </summary>
    public TimeSpan AnswerLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary><c>$XDG_STATE_HOME/encodefarm</c>, or <c>~/.local/state/encodefarm</c>.</summary>
    public static string UserStateDirectory()
    {
        var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        if (string.IsNullOrEmpty(state) || !Path.IsPathRooted(state))
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            state = Path.Combine(home, ".local", "state");
        }
        return Path.Combine(state, "encodefarm");
    }
}
