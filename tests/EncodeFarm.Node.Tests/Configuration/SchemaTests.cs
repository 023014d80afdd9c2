using EncodeFarm.Media.Profiles;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Tests.Configuration;

/// <summary>The table, the records' own defaults and the documented file must say the same.</summary>
public sealed class SchemaTests
{
    [Fact]
    public void The_table_repeats_the_defaults_of_the_farm()
    {
        var farm = FarmSchema.Settings.Aggregate(
            new FarmSettings { SourceRoots = [], OutputRoots = [] },
            (settings, setting) => setting.Apply(settings, setting.Default)
        );

        farm.ShouldBe(
            new FarmSettings() with
            {
                SourceRoots = farm.SourceRoots,
                OutputRoots = farm.OutputRoots,
            }
        );
        farm.SourceRoots.ShouldBeEmpty();
        farm.OutputRoots.ShouldBeEmpty();
    }

    [Fact]
    public void The_table_repeats_the_defaults_of_renditions()
    {
        var rendition = ProfileSchema.Renditions.Aggregate(
            new Rendition(),
            (rendition, setting) => setting.Apply(rendition, setting.Default)
        );

        rendition.ShouldBe(new Rendition());
    }

    [Fact]
    public void The_table_repeats_the_defaults_of_profiles()
    {
        var standard = new Profile { Renditions = [new Rendition()] };

        var profile = ProfileSchema.Profile.Aggregate(
            standard,
            (each, setting) => setting.Apply(each, setting.Default)
        );

        profile.ShouldBe(standard);
    }

    [Fact]
    public void Every_default_is_allowed() =>
        Schema
            .All.Where(setting => !setting.Accepts(setting.Default))
            .Select(setting => setting.Key)
            .ShouldBeEmpty();

    [Fact]
    public void Every_setting_is_described() =>
        Schema.All.ShouldAllBe(setting =>
            setting.Description.EndsWith('.') && setting.Allowed.Length > 0
        );

    [Fact]
    public void The_shipped_file_holds_every_key_with_its_default()
    {
        // What is commented out there is configuration as well: keys in comments start with a lower-case word and a colon.
        var text = File.ReadAllText(Path.Combine(Repository.Configuration, "farm.yaml"));
        var split = text.LastIndexOf("# ------", StringComparison.Ordinal);
        var (settings, profileKeys) = (text[..split], text[split..]);
        var uncommented = profileKeys
            .Split('\n')
            .Select(line =>
                System.Text.RegularExpressions.Regex.Match(line, @"^# (\s*[a-z_]+:( \S.*)?)$")
            )
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value);
        using var whole = new StringReader(settings + string.Join('\n', uncommented));

        var entries = ConfigurationFile
            .Flatten(YamlNode.Parse(whole, "farm.yaml"), Layer.File, "farm.yaml")
            .Where(entry => entry.Key != "schema")
            .ToDictionary(entry => entry.Key, entry => entry.Text);

        entries.ShouldBe(
            Schema.All.ToDictionary(setting => setting.Key, setting => setting.Default),
            ignoreOrder: true
        );
    }

    [Fact]
    public void The_shipped_files_pass_their_own_check()
    {
        var files = Directory.GetFiles(
            Repository.Configuration,
            "*.yaml",
            SearchOption.AllDirectories
        );

        files.Length.ShouldBe(12);
        files.SelectMany(ConfigurationLoader.Check).ShouldBeEmpty();
    }
}
