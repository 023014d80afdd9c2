using EncodeFarm.Contracts;

namespace EncodeFarm.Pbm;

/// <summary>The client's own part of a command line.</summary>
/// <param name="Node">host:port, or with https:// or http:// before it.</param>
/// <param name="Authority">PEM file with the authorities that sign the nodes' certificates; null for the machine's own list.</param>
/// <param name="Words">Palette, command and arguments; empty for interactive use.</param>
/// <param name="Timeout">For an answer; tails have none.</param>
public sealed record Options(
    string Node,
    IReadOnlyList<string> Words,
    string? Token,
    string? Authority,
    TimeSpan Timeout,
    bool Json,
    bool NoColor,
    bool Help,
    bool Version
)
{
    public const string Text = """
        usage: pbm [host:port] [options] <palette> <command> [arguments]
               pbm [host:port] [options]            interactive
               pbm [host:port] help [palette [command]]

          --json          one JSON value a line
          --no-color      no colours, also in a terminal
          --timeout 5s    how long to wait for an answer (500ms, 5s, 5m, 1h)
          --token <text>  the cluster's token (or in ENCODEFARM_TOKEN)
          --authority <file>  PEM with the authority of the nodes' certificates (or in ENCODEFARM_AUTHORITY):
                          host:port then means https://host:port
          --version       the version of this client

        The node tells which palettes and commands there are: pbm help.
        Exit codes: 0 ok, 1 failed, 2 usage, 3 cannot connect, 4 timeout, 5 not allowed, 6 not found, 130 interrupted.
        """;

    private static readonly string[] Typed = ["--json", "--no-color", "--help", "-h"];

    private static readonly TimeSpan UsualTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    /// <summary>The client's options may stand anywhere in front of a <c>--</c>.</summary>
    /// <returns>The options, or what is wrong with them as a sentence.</returns>
    public static (Options? Options, string? Wrong) Parse(
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string> environment
    )
    {
        var (json, noColor, help, version) = (false, false, false, false);
        var (token, authority, timeout) = (
            Of(environment, "ENCODEFARM_TOKEN", "ENCODEFARM__NODE__TOKEN"),
            Of(environment, "ENCODEFARM_AUTHORITY", "ENCODEFARM__TLS__AUTHORITY"),
            UsualTimeout
        );
        var words = new List<string>();
        for (var at = 0; at < arguments.Count; at++)
        {
            var argument = arguments[at];
            var equals = argument.StartsWith("--", StringComparison.Ordinal)
                ? argument.IndexOf('=')
                : -1;
            var name = equals < 0 ? argument : argument[..equals];
            switch (name)
            {
                case "--":
                    words.AddRange(arguments.Skip(at));
                    at = arguments.Count;
                    break;
                case "--json" when equals < 0:
                    json = true;
                    break;
                case "--no-color" when equals < 0:
                    noColor = true;
                    break;
                case "--version" when equals < 0 && !words.Any(word => AddressOf(word) is null):
                    version = true;
                    break;
                case "--help" or "-h" when equals < 0:
                    help = true;
                    break;
                case "--json" or "--no-color" or "--help":
                    return (null, $"{name} takes no value.");
                case "--version" when !words.Any(word => AddressOf(word) is null):
                    return (null, $"{name} takes no value.");
                case "--token" or "--timeout" or "--authority":
                    if (equals < 0 && at + 1 == arguments.Count)
                    {
                        return (null, $"{name} needs a value.");
                    }
                    var value = equals < 0 ? arguments[++at] : argument[(equals + 1)..];
                    if (name == "--token")
                    {
                        token = value;
                    }
                    else if (name == "--authority")
                    {
                        authority = value;
                    }
                    else if (Durations.Parse(value) is { } limit && limit <= LongestTimeout)
                    {
                        timeout = limit;
                    }
                    else
                    {
                        return (
                            null,
                            $"--timeout is '{value}', but must be like 500ms, 5s or 1m, and at most 1d."
                        );
                    }
                    break;
                case ['-', ..] when !words.Any(word => AddressOf(word) is null):
                    return (null, $"There is no option {name}.");
                default:
                    words.Add(argument);
                    break;
            }
        }
        if (token is not null && !FarmClient.CanSend(token))
        {
            return (null, FarmClient.UnsendableToken);
        }
        var node = $"{ApiPaths.DefaultHost}:{ApiPaths.DefaultPort}";
        if (words.Count > 0 && AddressOf(words[0]) is { } given)
        {
            node = given;
            words.RemoveAt(0);
        }
        else if (words.Count > 0 && words[0].Contains(':'))
        {
            return (null, $"'{words[0]}' is no address: it is host:port, with a port of 1..65535.");
        }
        return (
            new Options(node, words, token, authority, timeout, json, noColor, help, version),
            null
        );
    }

    /// <summary>A line of a conversation: what shapes an answer may be typed there too, anywhere in front of a <c>--</c>.</summary>
    public Options With(IReadOnlyList<string> line)
    {
        var own = line.TakeWhile(word => word != "--").ToList();
        return this with
        {
            Words = [.. own.Where(word => !Typed.Contains(word)), .. line.Skip(own.Count)],
            Json = Json || own.Contains("--json"),
            NoColor = NoColor || own.Contains("--no-color"),
            Help = own.Contains("--help") || own.Contains("-h"),
        };
    }

    public bool WantsHelp => Help || Words is ["help", ..];

    public bool Color(PbmHost host) => !NoColor && !host.WantsNoColor;

    /// <summary>host:port, also with https:// before it or as members are shown; null where it is something else.</summary>
    private static string? AddressOf(string word)
    {
        const string Scheme = "farm://encodefarm@";
        word = word.StartsWith(Scheme, StringComparison.Ordinal) ? word[Scheme.Length..] : word;
        var bare = NodeUri.Bare(word);
        var colon = bare.LastIndexOf(':');
        return
            colon > 0
            && ushort.TryParse(bare[(colon + 1)..], out var port)
            && port > 0
            && Uri.CheckHostName(bare[..colon].Trim('[', ']')) != UriHostNameType.Unknown
            ? word.TrimEnd('/')
            : null;
    }

    /// <summary>pbm's own variable, or else the nodes'.</summary>
    private static string? Of(
        IReadOnlyDictionary<string, string> environment,
        string own,
        string nodes
    ) => environment.GetValueOrDefault(own) ?? environment.GetValueOrDefault(nodes);
}
