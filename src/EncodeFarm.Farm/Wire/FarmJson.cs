using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EncodeFarm.Actors.Persistence;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Coordination;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm.Wire;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals
)]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(AssignSegment))]
[JsonSerializable(typeof(StopAttempt))]
[JsonSerializable(typeof(ResultRecorded))]
[JsonSerializable(typeof(SetSlots))]
[JsonSerializable(typeof(SetLabels))]
[JsonSerializable(typeof(SetGuard))]
[JsonSerializable(typeof(ResultMessage))]
[JsonSerializable(typeof(JobEntry))]
[JsonSerializable(typeof(VideoState))]
[JsonSerializable(typeof(VideoSubmitted))]
[JsonSerializable(typeof(VideoOpened))]
[JsonSerializable(typeof(VideoPlanned))]
[JsonSerializable(typeof(PieceCut))]
[JsonSerializable(typeof(PieceLost))]
[JsonSerializable(typeof(SegmentEncoded))]
[JsonSerializable(typeof(TierMissed))]
[JsonSerializable(typeof(AttemptFailed))]
[JsonSerializable(typeof(AttemptLost))]
[JsonSerializable(typeof(AttemptReturned))]
[JsonSerializable(typeof(FailureExcused))]
[JsonSerializable(typeof(SegmentInvalidated))]
[JsonSerializable(typeof(AudioTrackEncoded))]
[JsonSerializable(typeof(TaskFailed))]
[JsonSerializable(typeof(DeliveryStarted))]
[JsonSerializable(typeof(DeliveryLost))]
[JsonSerializable(typeof(RenditionDelivered))]
[JsonSerializable(typeof(RenditionFailed))]
[JsonSerializable(typeof(VideoFailed))]
[JsonSerializable(typeof(VideoPaused))]
[JsonSerializable(typeof(VideoResumed))]
[JsonSerializable(typeof(VideoCancelled))]
[JsonSerializable(typeof(VideoRetried))]
[JsonSerializable(typeof(VideoPriorityChanged))]
[JsonSerializable(typeof(WorkCleaned))]
public sealed partial class FarmJson : JsonSerializerContext;

/// <summary>
/// The versioned names under which records are journaled and sent. A record that changes its meaning gets a new name
/// and keeps the old one readable; CLR names never leave the process.
/// </summary>
public sealed class FarmCodec<T> : IEventCodec<T>
    where T : notnull
{
    readonly Dictionary<string, JsonTypeInfo> _byName;
    readonly Dictionary<Type, string> _names;

    internal FarmCodec(params (string Name, JsonTypeInfo Type)[] types)
    {
        _byName = types.ToDictionary(type => type.Name, type => type.Type);
        _names = types.ToDictionary(type => type.Type.Type, type => type.Name);
    }

    public EventData Write(T value)
    {
        var name = _names[value.GetType()];
        return new EventData(name, JsonSerializer.Serialize(value, _byName[name]));
    }

    /// <exception cref="JsonException">The name is unknown (a newer version wrote it) or the JSON does not fit it.</exception>
    public T Read(EventData data) =>
        _byName.TryGetValue(data.Type, out var type)
            ? (T?)JsonSerializer.Deserialize(data.Json, type)
                ?? throw new JsonException($"'{data.Type}' is empty.")
            : throw new JsonException(
                $"'{data.Type}' is not known here; a newer version of EncodeFarm has written it."
            );

    public Envelope Seal(T value)
    {
        var data = Write(value);
        return new Envelope(data.Type, data.Json);
    }

    /// <exception cref="UnreadableMessageException">The name is unknown here, or the JSON does not fit it.</exception>
    public T Open(Envelope envelope)
    {
        try
        {
            return Read(new EventData(envelope.Type, envelope.Json));
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

public static class FarmCodecs
{
    static FarmJson Json => FarmJson.Default;

    public static readonly FarmCodec<WireMessage> Wire = new(
        ("heartbeat.v1", Json.Heartbeat),
        ("assign-segment.v1", Json.AssignSegment),
        ("stop-attempt.v1", Json.StopAttempt),
        ("result-recorded.v1", Json.ResultRecorded),
        ("set-slots.v1", Json.SetSlots),
        ("set-labels.v1", Json.SetLabels),
        ("set-guard.v1", Json.SetGuard),
        ("result.v1", Json.ResultMessage)
    );

    public static readonly FarmCodec<VideoEvent> Events = new(
        ("video-submitted.v1", Json.VideoSubmitted),
        ("video-opened.v1", Json.VideoOpened),
        ("video-planned.v1", Json.VideoPlanned),
        ("piece-cut.v1", Json.PieceCut),
        ("piece-lost.v1", Json.PieceLost),
        ("segment-encoded.v1", Json.SegmentEncoded),
        ("tier-missed.v1", Json.TierMissed),
        ("attempt-failed.v1", Json.AttemptFailed),
        ("attempt-lost.v1", Json.AttemptLost),
        ("attempt-returned.v1", Json.AttemptReturned),
        ("failure-excused.v1", Json.FailureExcused),
        ("segment-invalidated.v1", Json.SegmentInvalidated),
        ("audio-track-encoded.v1", Json.AudioTrackEncoded),
        ("task-failed.v1", Json.TaskFailed),
        ("delivery-started.v1", Json.DeliveryStarted),
        ("delivery-lost.v1", Json.DeliveryLost),
        ("rendition-delivered.v1", Json.RenditionDelivered),
        ("rendition-failed.v1", Json.RenditionFailed),
        ("video-failed.v1", Json.VideoFailed),
        ("video-paused.v1", Json.VideoPaused),
        ("video-resumed.v1", Json.VideoResumed),
        ("video-cancelled.v1", Json.VideoCancelled),
        ("video-retried.v1", Json.VideoRetried),
        ("video-priority-changed.v1", Json.VideoPriorityChanged),
        ("work-cleaned.v1", Json.WorkCleaned)
    );
}

/// <summary>Snapshots of a video. A changed shape gets a new name: an unknown one means a full replay.</summary>
public sealed class VideoStateCodec : IStateCodec<VideoState>
{
    const string Name = "video-state.v3";

    public EventData Write(VideoState state) =>
        new(Name, JsonSerializer.Serialize(state, FarmJson.Default.VideoState));

    public VideoState Read(EventData data) =>
        data.Type == Name
            ? JsonSerializer.Deserialize(data.Json, FarmJson.Default.VideoState)
                ?? throw new JsonException("The snapshot is empty.")
            : throw new JsonException($"'{data.Type}' is not a snapshot that is known here.");
}
