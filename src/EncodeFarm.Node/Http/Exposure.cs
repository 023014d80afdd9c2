using System.Net;

namespace EncodeFarm.Node.Http;

/// <summary>Nothing listens beyond loopback without a token.</summary>
public static class Exposure
{
    /// <summary>Shorter ones can be tried out; 16 bytes in hex have 32 letters.</summary>
    public const int ShortestToken = 16;

    /// <summary>Why this node must not listen there, with the key that mends it; null where it may.</summary>
    /// <param name="host">Of the address to listen on: a name, an address, or one of the signs for all of them ("*", "+").</param>
    /// <param name="tokenKey">Where the token is set, for the message.</param>
    public static string? Refuse(string host, string? token, string tokenKey)
    {
        if (IsLoopback(host))
        {
            return null;
        }
        return token switch
        {
            null or "" =>
                $"'{host}' can be reached from other machines, and there is no token. Set {tokenKey}, or listen on 127.0.0.1.",
            { Length: < ShortestToken } =>
                $"'{host}' can be reached from other machines, and the token is shorter than {ShortestToken} letters. Set a longer {tokenKey}, for example the output of: openssl rand -hex 16",
            _ => null,
        };
    }

    /// <summary>A name other than localhost may mean any address.</summary>
    public static bool IsLoopback(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (
            IPAddress.TryParse(host.Trim('[', ']'), out var address)
            && IPAddress.IsLoopback(address)
        );
}
