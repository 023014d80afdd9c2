using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace EncodeFarm.Node.Http;

/// <summary>The token that requests carry.</summary>
/// <param name="token">Null or empty where none is asked for, which <see cref="Exposure"/> allows on loopback alone.</param>
public sealed class BearerToken(string? token)
{
    const string Scheme = "Bearer ";

    readonly byte[]? _expected = string.IsNullOrEmpty(token) ? null : HashOf(token);

    /// <summary>Takes the same time for every wrong token, whatever its length.</summary>
    public bool Admits(HttpRequest request) =>
        _expected is null
        || (
            request.Headers.Authorization is [{ } header]
            && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(HashOf(header[Scheme.Length..]), _expected)
        );

    static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
