namespace EncodeFarm.Contracts;

/// <summary>How people name a node: <c>host:port</c>, <c>http://host:port</c> or <c>https://host:port</c>.</summary>
public static class NodeUri
{
    private const string Plain = "http://";
    private const string Secure = "https://";

    /// <summary>host:port alone.</summary>
    public static string Bare(string node) =>
        (
            node.StartsWith(Secure, StringComparison.OrdinalIgnoreCase) ? node[Secure.Length..]
            : node.StartsWith(Plain, StringComparison.OrdinalIgnoreCase) ? node[Plain.Length..]
            : node
        ).TrimEnd('/');

    /// <param name="secure">What is meant where the name does not say it.</param>
    public static Uri Of(string node, bool secure)
    {
        var bare = Bare(node);
        var says = !string.Equals(bare, node.TrimEnd('/'), StringComparison.Ordinal);
        var tls = says ? node.StartsWith(Secure, StringComparison.OrdinalIgnoreCase) : secure;
        return new Uri($"{(tls ? Secure : Plain)}{bare}/");
    }
}
