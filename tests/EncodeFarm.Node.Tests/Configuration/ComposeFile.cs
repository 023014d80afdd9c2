using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace EncodeFarm.Node.Tests.Configuration;

/// <param name="Environment">Variables are not filled in.</param>
internal sealed record ComposeService(
    string Name,
    string Image,
    IReadOnlyList<string> Command,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<string> Volumes,
    IReadOnlyList<string> DependsOn
);

/// <summary>As much of a compose file as the tests look at, with its anchors and merge keys resolved.</summary>
internal sealed record ComposeFile(
    IReadOnlyList<ComposeService> Services,
    IReadOnlyList<string> Volumes
)
{
    public static ComposeFile Read(string path)
    {
        using var text = File.OpenText(path);
        // Read as a whole: anchors stand in parts that are not looked at.
        var file = new DeserializerBuilder()
            .Build()
            .Deserialize<Dictionary<object, object?>>(new MergingParser(new Parser(text)));
        var services = Map(file, "services");
        return new(
            [.. services.Select(service => Service(service.Key, service.Value))],
            [.. Map(file, "volumes").Keys]
        );
    }

    private static ComposeService Service(string name, object? value)
    {
        var service = (Dictionary<object, object?>)value!;
        return new(
            name,
            (string)service["image"]!,
            List(service, "command"),
            Map(service, "environment").ToDictionary(pair => pair.Key, pair => (string)pair.Value!),
            List(service, "volumes"),
            [.. Map(service, "depends_on").Keys]
        );
    }

    private static Dictionary<string, object?> Map(Dictionary<object, object?> of, string key) =>
        of.GetValueOrDefault(key) is Dictionary<object, object?> map
            ? map.ToDictionary(pair => (string)pair.Key, pair => pair.Value)
            : [];

    private static List<string> List(Dictionary<object, object?> of, string key) =>
        of.GetValueOrDefault(key) is List<object> list ? [.. list.Cast<string>()] : [];
}
