using System.Collections;
using System.Text;

namespace EncodeFarm.Pbm;

/// <summary>What the client sees of the world outside.</summary>
/// <param name="OutIsTerminal">Somebody looks at <paramref name="Out"/>.</param>
/// <param name="HasKeyboard">Somebody types, and sees what is typed.</param>
/// <param name="Width">Columns of the terminal, now.</param>
/// <param name="Height">Its rows, now.</param>
public sealed record PbmHost(
    TextWriter Out,
    TextWriter Error,
    bool OutIsTerminal,
    bool ErrorIsTerminal,
    bool HasKeyboard,
    Func<int> Width,
    Func<int> Height,
    IReadOnlyDictionary<string, string> Environment,
    string Directory
)
{
    public static PbmHost OfProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var environment = System
            .Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
        var dumb = environment.GetValueOrDefault("TERM") is null or "" or "dumb";
        return new PbmHost(
            new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true },
            new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true },
            !Console.IsOutputRedirected && !dumb,
            !Console.IsErrorRedirected && !dumb,
            !Console.IsInputRedirected && !Console.IsOutputRedirected && !dumb,
            () => Console.WindowWidth is > 0 and var width ? width : 80,
            () => Console.WindowHeight is > 0 and var height ? height : 24,
            environment,
            System.Environment.CurrentDirectory
        );
    }

    /// <summary>Columns and rows, now.</summary>
    public (int Columns, int Rows) Screen() => (Width(), Height());

    public bool WantsNoColor => Environment.GetValueOrDefault("NO_COLOR") is not (null or "");
}
