using System.Text.RegularExpressions;
using EncodeFarm.Node.Cli;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Hosting;
using EncodeFarm.Node.Http;

namespace EncodeFarm.Node.Tests.Configuration;

/// <summary>The files that people copy: each must be one that the program takes.</summary>
public sealed partial class ShippedFilesTests
{
    private const string Secret = "0123456789abcdef";

    private static readonly Dictionary<string, string> None = [];

    private static readonly ComposeFile Compose = ComposeFile.Read(
        Path.Combine(Repository.Root, "docker", "compose.yaml")
    );

    [Theory]
    [InlineData("both", NodeRoles.Coordinator | NodeRoles.Worker)]
    [InlineData("coordinator", NodeRoles.Coordinator)]
    [InlineData("worker", NodeRoles.Worker)]
    public void The_example_configurations_are_taken_with_their_roles(string name, NodeRoles roles)
    {
        var path = Path.Combine(Repository.Configuration, $"{name}.yaml");

        ConfigurationLoader.Check(path).ShouldBeEmpty();

        var farm = Load(path, None, []).Farm;
        farm.Cluster.Roles.ShouldBe(roles);
        farm.Cluster.Broker.ShouldNotBeNull();
        NodeStores.Require(farm, name);
    }

    /// <summary>Whoever forgets to choose a secret is told so, as it is too short for other machines.</summary>
    [Theory]
    [InlineData("both")]
    [InlineData("coordinator")]
    [InlineData("worker")]
    public void The_example_token_does_not_open_a_node_to_others(string name)
    {
        var farm = Load(Path.Combine(Repository.Configuration, $"{name}.yaml"), None, []).Farm;

        Exposure.Refuse("10.0.0.1", farm.Cluster.Token, "node.token").ShouldNotBeNull();
    }

    public static TheoryData<string> Nodes =>
        [.. Compose.Services.Where(service => service.Image == "encodefarm").Select(s => s.Name)];

    [Fact]
    public void The_compose_file_has_a_broker_a_database_a_store_two_coordinators_and_workers()
    {
        Compose
            .Services.Select(service => service.Name)
            .ShouldBe([
                "rabbitmq",
                "postgres",
                "store",
                "coordinator-1",
                "coordinator-2",
                "worker",
            ]);
        Compose.Services.ShouldAllBe(service => service.Image != "");
        Compose
            .Services.SelectMany(service => service.DependsOn)
            .ShouldBeSubsetOf(Compose.Services.Select(service => service.Name));
        Compose
            .Services.SelectMany(service => service.Volumes)
            .Select(volume => volume.Split(':')[0])
            .Where(source => !source.Contains('$'))
            .ShouldBeSubsetOf(Compose.Volumes);
    }

    [Theory]
    [MemberData(nameof(Nodes))]
    public void A_node_of_the_compose_file_has_flags_and_settings_that_node_takes(string name)
    {
        var service = Compose.Services.Single(service => service.Name == name);
        service.Command[0].ShouldBe("node");
        CommandTree.Build(Host).Parse([.. service.Command]).Errors.ShouldBeEmpty();

        var farm = Load(null, service.Environment, FlagsOf(service.Command)).Farm;

        farm.Cluster.Token.ShouldBe(Secret);
        farm.Cluster.Broker.ShouldBe($"amqp://farm:{Secret}@rabbitmq:5672");
        var beyond = farm.Cluster.Listen?.StartsWith("0.0.0.0:", StringComparison.Ordinal) ?? false;
        (farm.Cluster.Advertise is not null).ShouldBe(beyond, "others must be told a name");
        NodeStores.Require(farm, name);
    }

    /// <summary>Two workers that shared a work directory would shut each other out.</summary>
    [Fact]
    public void What_a_node_writes_is_its_own()
    {
        var named = Compose
            .Services.SelectMany(service => service.Volumes)
            .Where(volume => !volume.Contains('$'))
            .Select(volume => volume.Split(':')[0]);
        named.ShouldBeUnique();
        Compose
            .Services.Single(service => service.Name == "worker")
            .Volumes.ShouldAllBe(volume => volume.EndsWith(":ro", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_variable_of_the_compose_file_stands_in_the_example_and_no_secret_has_a_default()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docker", "compose.yaml"));
        var wanted = Variable().Matches(text).Select(match => match.Groups[1].Value).Distinct();
        var example = File.ReadAllLines(Path.Combine(Repository.Root, "docker", "env.example"))
            .Where(line => line.Contains('=') && !line.StartsWith('#'))
            .ToDictionary(line => line.Split('=')[0], line => line.Split('=')[1]);

        wanted.ShouldBe(example.Keys, ignoreOrder: true);
        foreach (var secret in new[] { "TOKEN", "BROKER_PASSWORD", "DATABASE_PASSWORD" })
        {
            example[$"FARM_{secret}"].ShouldBeEmpty();
            text.ShouldContain($"${{FARM_{secret}:?");
        }
    }

    [Fact]
    public void The_readme_lists_every_verb_and_profile()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

        foreach (var verb in CommandTree.Build(Host).Subcommands)
        {
            readme.ShouldMatch($@"(?m)^\| .*`{verb.Name}[ `]");
        }
        foreach (var profile in new ProfileCatalog(null).Names)
        {
            readme.ShouldMatch($"(?m)^\\| `{profile}`");
        }
    }

    [Fact]
    public void What_the_image_copies_exists_and_is_not_ignored()
    {
        var docker = Path.Combine(Repository.Root, "docker");
        var copied = File.ReadLines(Path.Combine(docker, "Dockerfile"))
            .Where(line => line.StartsWith("COPY ", StringComparison.Ordinal))
            .Where(line => !line.Contains("--from"))
            .SelectMany(line => line.Split(' ')[1..^1])
            .ToList();
        var kept = File.ReadLines(Path.Combine(docker, "Dockerfile.dockerignore"))
            .Where(line => line.StartsWith('!'))
            .Select(line => line[1..]);

        copied.ShouldBe(kept, ignoreOrder: true);
        copied.ShouldAllBe(path => Path.Exists(Path.Combine(Repository.Root, path)));
    }

    private static CliHost Host { get; } =
        new(
            TextWriter.Null,
            TextWriter.Null,
            ErrorIsTerminal: false,
            Color: false,
            Width: () => 80,
            new Dictionary<string, string>(),
            Path.GetTempPath(),
            TimeProvider.System
        );

    private static IEnumerable<SettingEntry> FlagsOf(IReadOnlyList<string> command) =>
        command
            .Skip(1)
            .Chunk(2)
            .Select(pair => new SettingEntry(
                $"node.{pair[0].TrimStart('-')}",
                pair[1],
                Origin.Flag(pair[0])
            ));

    private static FarmConfiguration Load(
        string? path,
        IReadOnlyDictionary<string, string> environment,
        IEnumerable<SettingEntry> flags
    ) =>
        ConfigurationLoader.Load(
            new ConfigurationInput(
                path,
                environment.ToDictionary(pair => pair.Key, pair => Filled(pair.Value)),
                [.. flags],
                Path.GetTempPath()
            )
        );

    /// <summary>Variables as docker would fill them in: by their default, or by a secret.</summary>
    private static string Filled(string text) =>
        Variable()
            .Replace(
                text,
                match =>
                    match.Groups[2].Value.StartsWith(":-", StringComparison.Ordinal)
                        ? match.Groups[2].Value[2..]
                        : Secret
            );

    [GeneratedRegex(@"\$\{([A-Z_]+)([^}]*)\}")]
    private static partial Regex Variable();
}
