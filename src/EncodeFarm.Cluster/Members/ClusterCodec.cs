using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EncodeFarm.Cluster.Messaging;

namespace EncodeFarm.Cluster.Members;

/// <summary>Tells a node why it may not join.</summary>
public sealed record JoinRefused(NodeAddress Node, string Reason, JoinAdvice Advice);

/// <summary>A member takes no new work from now on and will end.</summary>
public sealed record LeavingNotice(NodeAddress Node);

/// <summary>A leaving member has finished or handed back all its work and ends now.</summary>
public sealed record ExitingNotice(NodeAddress Node);

/// <summary>A sign of life of a node that is no worker, and of a coordinator to itself.</summary>
/// <param name="Epoch">Of the coordinator that sends it; 0 of others.</param>
/// <param name="Sent">On the sender's own monotonic clock, by which it finds out how long its beat was under way.</param>
public sealed record MemberBeat(NodeAddress Node, long Epoch, TimeSpan Sent)
{
    /// <summary>Of the node's machine; null where this beat does not tell of it.</summary>
    public NodeResources? Resources { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(JoinRequest))]
[JsonSerializable(typeof(JoinRefused))]
[JsonSerializable(typeof(LeavingNotice))]
[JsonSerializable(typeof(ExitingNotice))]
[JsonSerializable(typeof(MemberBeat))]
[JsonSerializable(typeof(MemberTable))]
sealed partial class ClusterJson : JsonSerializerContext;

/// <summary>The messages of the membership under their versioned names.</summary>
public static class ClusterCodec
{
    static readonly (string Name, JsonTypeInfo Type)[] Known =
    [
        ("join.v1", ClusterJson.Default.JoinRequest),
        ("join-refused.v1", ClusterJson.Default.JoinRefused),
        ("leaving.v1", ClusterJson.Default.LeavingNotice),
        ("exiting.v1", ClusterJson.Default.ExitingNotice),
        ("member-beat.v1", ClusterJson.Default.MemberBeat),
        ("members.v1", ClusterJson.Default.MemberTable),
    ];

    public static Envelope Seal(object message)
    {
        var (name, type) = Known.Single(known => known.Type.Type == message.GetType());
        return new Envelope(name, JsonSerializer.Serialize(message, type));
    }

    /// <summary>The message, or null where it is none of the membership.</summary>
    /// <exception cref="UnreadableMessageException">The JSON does not fit the name.</exception>
    public static object? Open(Envelope envelope)
    {
        if (Known.FirstOrDefault(known => known.Name == envelope.Type).Type is not { } type)
        {
            return null;
        }
        try
        {
            return JsonSerializer.Deserialize(envelope.Json, type)
                ?? throw new UnreadableMessageException($"'{envelope.Type}' is empty.");
        }
        catch (JsonException error)
        {
            throw new UnreadableMessageException(
                $"A message of the type '{envelope.Type}' can't be read: {error.Message}",
                error
            );
        }
    }
}
