using System.Text.Json.Serialization;

namespace EncodeFarm.Cluster.Artifacts;

/// <summary>
/// What the artifact endpoint and its client agree on:
/// <code>
/// GET, HEAD /artifacts/{name}   Range, If-Match       the artifact or a part of it; its ETag is its SHA-256
/// GET       /artifacts?prefix=                         names, as a JSON array
/// HEAD      /uploads/{name}     length, hash           200: stored already; 204: how many bytes the store holds
/// PUT       /uploads/{name}     length, hash, offset   the bytes from there on; 201 when the artifact is stored
/// DELETE    /artifacts/{name}
/// </code>
/// 409: the name is taken by other content. 416: the store holds another number of bytes. 422: not the content of the hash.
/// </summary>
public static class ArtifactWire
{
    public const string Artifacts = "/artifacts";
    public const string Uploads = "/uploads";

    /// <summary>On every answer of the endpoint: what comes without it is from somebody else on the way.</summary>
    public const string Mark = "Encodefarm-Artifacts";

    /// <summary>Of the protocol above.</summary>
    public const string Version = "1";

    /// <summary>Bytes of the whole artifact.</summary>
    public const string Length = "Artifact-Length";

    /// <summary>Of the whole artifact, in lower-case hex.</summary>
    public const string Hash = "Artifact-Sha256";

    /// <summary>Where the bytes of an upload begin, or how many the store holds.</summary>
    public const string Offset = "Upload-Offset";

    public static string PathOf(string name) => $"{Artifacts}/{ArtifactName.Require(name)}";

    public static string UploadPathOf(string name) => $"{Uploads}/{ArtifactName.Require(name)}";
}

[JsonSerializable(typeof(IReadOnlyList<string>))]
public sealed partial class ArtifactWireJson : JsonSerializerContext;
