using System.CommandLine;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Cli;

/// <summary>Options that several verbs share.</summary>
public static class CommonOptions
{
    public static Option<string?> Config() =>
        new("--config")
        {
            Description = "Directory with farm.yaml and profiles/, or such a file.",
            HelpName = "path",
        };

    public static Option<string?> Profile() =>
        new("--profile", "-p")
        {
            Description = "Profile: its name or its file (default: av1-vmaf).",
            HelpName = "name",
        };

    public static Option<string[]> Settings() =>
        new("--set", "-s")
        {
            Description =
                "A setting, such as encoding.preset=8; see config show. Can be given several times.",
            HelpName = "key=value",
            Arity = ArgumentArity.OneOrMore,
            AllowMultipleArgumentsPerToken = false,
        };

    public static Option<string?> Work() =>
        new("--work") { Description = "Where jobs keep their state.", HelpName = "dir" };

    public static Option<string?> Slots() =>
        new("--slots")
        {
            Description = "Segments encoded at the same time, 1..256.",
            HelpName = "n",
        };

    public static Option<string?> LogFormat() =>
        new("--log-format")
        {
            Description = "Messages for people (human) or programs (json).",
            HelpName = "format",
        };

    public static Option<bool> Json() => Flag("Print one JSON object.", "--json");

    public static Option<bool> Verbose() =>
        Flag("Show more, and the details of errors.", "--verbose", "-v");

    /// <summary>It is given or not, and takes no value.</summary>
    public static Option<bool> Flag(string description, string name, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.Zero };

    /// <summary>Loads the configuration with the flags of a command line; options that the verb lacks are null.</summary>
    public static FarmConfiguration Load(
        this ParseResult parsed,
        CliHost host,
        Option<string?> config,
        Option<string[]>? settings = null,
        params (Option<string?> Option, string Key)[] flags
    ) => parsed.Load(host, config, [], settings, flags);

    /// <param name="presets">Settings of the verb itself, as for <c>-s</c>; the command line wins.</param>
    public static FarmConfiguration Load(
        this ParseResult parsed,
        CliHost host,
        Option<string?> config,
        IEnumerable<string> presets,
        Option<string[]>? settings = null,
        params (Option<string?> Option, string Key)[] flags
    )
    {
        var entries = presets.Select(ConfigurationLoader.ParseFlag).ToList();
        foreach (var text in (settings is null ? null : parsed.GetValue(settings)) ?? [])
        {
            entries.Add(ConfigurationLoader.ParseFlag(text));
        }
        foreach (var (option, key) in flags)
        {
            if (parsed.GetValue(option) is { } value)
            {
                entries.Add(
                    new SettingEntry(
                        key,
                        value,
                        Origin.Flag(option.Aliases.FirstOrDefault() ?? option.Name)
                    )
                );
            }
        }
        return ConfigurationLoader.Load(
            new ConfigurationInput(
                parsed.GetValue(config),
                host.Environment,
                entries,
                host.CurrentDirectory
            )
        );
    }
}
