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

    public bool Admits(HttpRequest request) =>
        Admits(request.Headers.Authorization is [{ } header] ? header : null);

    /// <summary>Takes the same time for every wrong token, whatever its length.</summary>
    /// <param name="header">The Authorization header, or null.</param>
    public bool Admits(string? header) =>
        _expected is null
        || (
            header is not null
            && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(HashOf(header[Scheme.Length..]), _expected)
        );

    static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
