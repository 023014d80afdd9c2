using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Contracts;

/// <summary>The API's JSON: camel case; what is null is left out.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ApiRequest))]
[JsonSerializable(typeof(ApiReply))]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(SubmitRequest))]
[JsonSerializable(typeof(SubmitAnswer))]
[JsonSerializable(typeof(JobList))]
[JsonSerializable(typeof(JobDetail))]
[JsonSerializable(typeof(SegmentList))]
[JsonSerializable(typeof(AttemptList))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(EventInfo))]
[JsonSerializable(typeof(JobInfo))]
[JsonSerializable(typeof(NodeInfo))]
[JsonSerializable(typeof(MemberInfo))]
[JsonSerializable(typeof(SegmentInfo))]
[JsonSerializable(typeof(AttemptInfo))]
[JsonSerializable(typeof(PauseRequest))]
[JsonSerializable(typeof(PriorityRequest))]
[JsonSerializable(typeof(MemberList))]
[JsonSerializable(typeof(MemberRequest))]
[JsonSerializable(typeof(LeaderInfo))]
[JsonSerializable(typeof(NodeList))]
[JsonSerializable(typeof(SlotsRequest))]
[JsonSerializable(typeof(LabelsRequest))]
[JsonSerializable(typeof(NodeLabels))]
[JsonSerializable(typeof(GuardRequest))]
[JsonSerializable(typeof(NodeGuard))]
[JsonSerializable(typeof(Done))]
[JsonSerializable(typeof(PaletteList))]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlLine))]
[JsonSerializable(typeof(OfferedValues))]
[JsonSerializable(typeof(MemberEventRow))]
[JsonSerializable(typeof(SegmentMapRow))]
[JsonSerializable(typeof(LogRow))]
[JsonSerializable(typeof(DroppedRow))]
[JsonSerializable(typeof(RegionRow))]
[JsonSerializable(typeof(RegionStatRow))]
[JsonSerializable(typeof(EntityRow))]
[JsonSerializable(typeof(ActorSystemRow))]
[JsonSerializable(typeof(ActorRow))]
[JsonSerializable(typeof(UptimeRow))]
[JsonSerializable(typeof(VersionRow))]
[JsonSerializable(typeof(ToolRow))]
[JsonSerializable(typeof(JsonElement))]
public sealed partial class ContractsJson : JsonSerializerContext
{
    public static string Write<T>(T value) => JsonSerializer.Serialize(value, TypeOf<T>());

    public static JsonElement Element<T>(T value) =>
        JsonSerializer.SerializeToElement(value, TypeOf<T>());

    /// <exception cref="JsonException">It is not JSON, or not of that form.</exception>
    public static T Read<T>(string json) =>
        JsonSerializer.Deserialize(json, TypeOf<T>())
        ?? throw new JsonException("There is nothing in it.");

    private static JsonTypeInfo<T> TypeOf<T>() =>
        (JsonTypeInfo<T>?)Default.GetTypeInfo(typeof(T))
        ?? throw new NotSupportedException($"{typeof(T).Name} is no record of the API.");
}
