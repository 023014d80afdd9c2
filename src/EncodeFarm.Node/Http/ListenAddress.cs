using System.Globalization;
using System.Net;
using EncodeFarm.Contracts;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Node.Http;

/// <summary>Where a node listens.</summary>
/// <param name="Host">As it was given, for people and for the member table.</param>
/// <param name="Port">0 takes any free one.</param>
public sealed record ListenAddress(string Host, IPAddress Address, int Port)
{
    public static readonly ListenAddress Default = new(
        ApiPaths.DefaultHost,
        IPAddress.Loopback,
        ApiPaths.DefaultPort
    );

    public bool IsLoopback => IPAddress.IsLoopback(Address);

    /// <summary>host:port.</summary>
    public override string ToString() => $"{(Host.Contains(':') ? $"[{Host}]" : Host)}:{Port}";

    /// <summary>Reads <c>host:port</c>, <c>host</c> or <c>:port</c>; <c>*</c> stands for all addresses.</summary>
    /// <exception cref="FarmException">It is none of these, or the host is not known here.</exception>
    public static ListenAddress Parse(string text)
    {
        var (host, port) = Split(text);
        if (
            !ushort.TryParse(port, NumberStyles.None, null, out var number)
            || host.Any(char.IsWhiteSpace)
        )
        {
            throw Wrong(text, "it has the form host:port, with a port of 0..65535");
        }
        var address = host switch
        {
            "localhost" => IPAddress.Loopback,
            "*" => IPAddress.Any,
            _ when IPAddress.TryParse(host, out var literal) => literal,
            _ => Resolve(text, host),
        };
        return new ListenAddress(host == "*" ? "0.0.0.0" : host, address, number);
    }

    /// <summary>Nothing listens beyond loopback without a token.</summary>
    /// <exception cref="FarmException">This would.</exception>
    public void RequireSafe(string? token)
    {
        if (Exposure.Refuse(Host, token, "node.token (--token)") is { } reason)
        {
            throw new FarmException(FarmError.BadConfiguration, $"--listen {this}: {reason}");
        }
    }

    private static (string Host, string Port) Split(string text)
    {
        var standard = ApiPaths.DefaultPort.ToString();
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']');
            var rest = end < 0 ? "?" : text[(end + 1)..];
            return rest.Length == 0 ? (text[1..end], standard)
                : rest[0] == ':' ? (text[1..end], rest[1..])
                : (text, "");
        }
        var colon = text.LastIndexOf(':');
        if (colon < 0)
        {
            return (text, text.Length == 0 ? "" : standard);
        }
        return text.IndexOf(':') < colon
            // Several colons and no brackets: an IPv6 address without a port.
            ? (text, standard)
            : (colon == 0 ? ApiPaths.DefaultHost : text[..colon], text[(colon + 1)..]);
    }

    private static IPAddress Resolve(string text, string host)
    {
        try
        {
            return Dns.GetHostAddresses(host) is [var first, ..]
                ? first
                : throw Wrong(text, $"no address is known of '{host}'");
        }
        catch (System.Net.Sockets.SocketException)
        {
            throw Wrong(text, $"no address is known of '{host}'");
        }
    }

    private static FarmException Wrong(string text, string reason) =>
        new(
            FarmError.BadConfiguration,
            $"--listen '{text}' is no address: {reason}.",
            "For example: --listen 127.0.0.1:9110"
        );
}
