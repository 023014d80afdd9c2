using EncodeFarm.Media.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace EncodeFarm.Node.Configuration;

/// <summary>A YAML file as it was written, with line numbers. Scalars stay text: the schema says what they mean.</summary>
public abstract record YamlNode(int Line)
{
    public sealed record Scalar(string Text, int Line) : YamlNode(Line)
    {
        /// <summary>Nothing stands there (or null, or ~), as opposed to "".</summary>
        public bool Empty { get; init; }
    }

    public sealed record List(IReadOnlyList<YamlNode> Items, int Line) : YamlNode(Line);

    public sealed record Map(IReadOnlyList<(string Key, YamlNode Value)> Items, int Line)
        : YamlNode(Line);

    /// <param name="where">Names the text in errors: a file.</param>
    /// <exception cref="FarmException">Not YAML, or with features that configuration has no use for.</exception>
    public static Map Parse(TextReader text, string where)
    {
        try
        {
            var parser = new Parser(text);
            parser.Consume<StreamStart>();
            if (parser.Accept<StreamEnd>(out _))
            {
                return new Map([], 1);
            }
            parser.Consume<DocumentStart>();
            var root = Read(parser, where);
            parser.Consume<DocumentEnd>();
            return root switch
            {
                Map map => map,
                Scalar { Empty: true } => new Map([], 1),
                _ => throw Error(
                    where,
                    root.Line,
                    "keys and values are expected, such as 'slots: 2'"
                ),
            };
        }
        catch (YamlException error)
        {
            throw Error(where, error.Start.Line, error.Message);
        }
    }

    /// <summary>The entry under a key of this map, or null.</summary>
    public static YamlNode? Get(Map map, string key) =>
        map.Items.FirstOrDefault(item => item.Key == key).Value;

    internal static FarmException Error(string where, long line, string reason) =>
        new(FarmError.BadConfiguration, $"{where}, line {line}: {reason.TrimEnd('.')}.");

    private static YamlNode Read(Parser parser, string where)
    {
        if (parser.TryConsume<YamlDotNet.Core.Events.Scalar>(out var scalar))
        {
            return new Scalar(scalar.Value, (int)scalar.Start.Line) { Empty = IsEmpty(scalar) };
        }
        if (parser.TryConsume<SequenceStart>(out var sequence))
        {
            var items = new List<YamlNode>();
            while (!parser.TryConsume<SequenceEnd>(out _))
            {
                items.Add(Read(parser, where));
            }
            return new List(items, (int)sequence.Start.Line);
        }
        if (parser.TryConsume<MappingStart>(out var mapping))
        {
            return ReadMap(parser, (int)mapping.Start.Line, where);
        }
        throw Error(
            where,
            parser.Current?.Start.Line ?? 1,
            "anchors and aliases are not used here"
        );
    }

    private static bool IsEmpty(YamlDotNet.Core.Events.Scalar scalar) =>
        scalar is { Style: ScalarStyle.Plain, Value: "" or "~" or "null" };

    private static Map ReadMap(Parser parser, int line, string where)
    {
        var items = new List<(string, YamlNode)>();
        var seen = new HashSet<string>();
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = parser.Consume<YamlDotNet.Core.Events.Scalar>();
            if (!seen.Add(key.Value))
            {
                throw Error(where, key.Start.Line, $"{key.Value} stands here twice");
            }
            items.Add((key.Value, Read(parser, where)));
        }
        return new Map(items, line);
    }
}
