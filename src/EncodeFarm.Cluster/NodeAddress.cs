using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace EncodeFarm.Cluster;

/// <summary>One process of a node. A restarted process keeps the name and has another incarnation.</summary>
/// <param name="Name">Unique in the cluster; what people call the node.</param>
/// <param name="Incarnation">Hexadecimal digits, new for every process.</param>
[method: JsonConstructor]
public readonly record struct NodeAddress(string Name, string Incarnation)
{
    /// <summary>Above it a queue's name could pass the 255 bytes that AMQP allows.</summary>
    public const int LongestName = 64;

    /// <summary>A new process of the node of this name.</summary>
    public static NodeAddress New(string name) => new(name, Guid.NewGuid().ToString("n"));

    /// <summary>Whether a node may be called so: letters, digits, dot, dash and underscore, 1 to 64 of them.</summary>
    public static bool IsName([NotNullWhen(true)] string? name) =>
        name is { Length: > 0 and <= LongestName }
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');

    public override string ToString() => $"{Name}.{Incarnation}";
}
