using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Reports;

/// <summary>The JSON that this program prints: camel case, indented, with file names as they are.</summary>
[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(EncodeReport))]
[JsonSerializable(typeof(MeasureReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(PlanReport))]
[JsonSerializable(typeof(List<ConfigurationRow>))]
public sealed partial class NodeJson : JsonSerializerContext
{
    /// <summary>Letters of all languages stay readable; the output never lies in an HTML page.</summary>
    private static readonly NodeJson Relaxed = new(
        new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            WriteIndented = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        }
    );

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, typeof(T), Relaxed);

    /// <exception cref="JsonException">It is no report.</exception>
    public static EncodeReport ReadReport(string json) =>
        (EncodeReport?)JsonSerializer.Deserialize(json, typeof(EncodeReport), Relaxed)
        ?? throw new JsonException("There is nothing in it.");
}
