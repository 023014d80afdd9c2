using System.Net;
using EncodeFarm.Contracts;

namespace EncodeFarm.Node.Http;

/// <summary>What a request says of its sender.</summary>
/// <param name="Authorization">The header, or null.</param>
/// <param name="Host">The header: what the sender calls this node.</param>
/// <param name="Origin">The page that sent it, where it comes from a browser.</param>
public sealed record Caller(string? Authorization, string? Host, string? Origin);

/// <summary>
/// Who may ask. A listener that other machines can reach wants the token from everybody; one on loopback is
/// for whoever is on this machine, but not for pages that a browser on it shows.
/// </summary>
/// <param name="loopback">The listener can be reached from this machine only.</param>
/// <param name="tls">It speaks HTTPS.</param>
public sealed class Access(string? token, bool loopback, bool tls = false)
{
    private readonly BearerToken _token = new(token);

    /// <summary>Null where it may.</summary>
    public Problem? Refuse(Caller caller)
    {
        if (caller.Origin is { } origin && origin != $"{(tls ? "https" : "http")}://{caller.Host}")
        {
            return new Problem(
                "Pages of other sites may not ask this node.",
                null,
                ProblemKind.NotAllowed
            );
        }
        if (string.IsNullOrEmpty(caller.Authorization))
        {
            return !loopback ? Missing
                : IsAddress(caller.Host) ? null
                : new Problem(
                    $"'{caller.Host}' is not what this node is called.",
                    "Ask it by its address, such as 127.0.0.1, or with its token.",
                    ProblemKind.NotAllowed
                );
        }
        return _token.Admits(caller.Authorization) ? null : Wrong;
    }

    private static readonly Problem Missing = new(
        "This node wants a token.",
        "Give the cluster's with --token, or as 'Authorization: Bearer <token>'.",
        ProblemKind.NotAllowed
    );

    private static readonly Problem Wrong = new(
        "The token is not this cluster's.",
        "Give that of the coordinator (--token).",
        ProblemKind.NotAllowed
    );

    /// <summary>A name that somebody's DNS makes point here is how a page of another site would ask.</summary>
    private static bool IsAddress(string? host)
    {
        if (string.IsNullOrEmpty(host))
        {
            return true;
        }
        var end = host.LastIndexOf(':');
        var name = end > host.LastIndexOf(']') ? host[..end] : host;
        return name == "localhost" || IPAddress.TryParse(name.Trim('[', ']'), out _);
    }
}
