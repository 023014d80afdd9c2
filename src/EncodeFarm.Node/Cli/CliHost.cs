using System.Collections;
using System.Text;

namespace EncodeFarm.Node.Cli;

/// <summary>What a command sees of the world outside.</summary>
/// <param name="Out">Gets reports and nothing else.</param>
/// <param name="Error">Gets progress and messages.</param>
/// <param name="ErrorIsTerminal">Somebody is looking at <paramref name="Error"/>.</param>
/// <param name="Color">Marks may be coloured.</param>
/// <param name="Width">Columns of the terminal, now.</param>
public sealed record CliHost(
    TextWriter Out,
    TextWriter Error,
    bool ErrorIsTerminal,
    bool Color,
    Func<int> Width,
    IReadOnlyDictionary<string, string> Environment,
    string CurrentDirectory,
    TimeProvider Time
)
{
    /// <summary>The process's own streams, in UTF-8 without a byte-order mark.</summary>
    public static CliHost OfProcess()
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var environment = System
            .Environment.GetEnvironmentVariables()
            .Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "");
        var dumb = environment.GetValueOrDefault("TERM") is "dumb";
        var terminal = !Console.IsErrorRedirected && !dumb;
        return new CliHost(
            new StreamWriter(Console.OpenStandardOutput(), utf8) { AutoFlush = true },
            TextWriter.Synchronized(
                new StreamWriter(new LossyStream(Console.OpenStandardError()), utf8)
                {
                    AutoFlush = true,
                }
            ),
            terminal,
            terminal && string.IsNullOrEmpty(environment.GetValueOrDefault("NO_COLOR")),
            WidthOfTerminal,
            environment,
            System.Environment.CurrentDirectory,
            TimeProvider.System
        );
    }

    /// <summary>80 where the system does not say.</summary>
    private static int WidthOfTerminal()
    {
        var width = Console.WindowWidth;
        return width > 0 ? width : 80;
    }

    public void WriteError(string message) =>
        Error.WriteLine(Color ? $"\u001b[31m✗\u001b[0m {message}" : $"✗ {message}");
}
