using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Tests.Configuration;

public sealed class LoadingTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Nothing_given_means_the_defaults()
    {
        var configuration = Load();

        configuration.Farm.ShouldBe(new FarmSettings());
        configuration.Farm.Guard.ShouldBe(new GuardSettings(High: 50, Low: 30));
        configuration.Farm.Retries.ShouldBe(new RetrySettings(3, 2, 30, 0.2));
        configuration.Farm.Profile.ShouldBe("av1-vmaf");
    }

    [Fact]
    public void Each_layer_replaces_the_one_before()
    {
        // Preset of av1-vmaf: 6.
        PresetOf(Load()).ShouldBe("6");

        _directory.Write("farm.yaml", "schema: 1\nencoding:\n  preset: 7\n");
        PresetOf(Load()).ShouldBe("7");

        var environment = ("ENCODEFARM__ENCODING__PRESET", "8");
        PresetOf(Load([environment])).ShouldBe("8");

        PresetOf(Load([environment], "encoding.preset=9")).ShouldBe("9");
        PresetOf(Load([environment], "encoding.preset=9", "encoding.preset=10")).ShouldBe("10");
    }

    [Fact]
    public void Show_names_the_source_of_each_value()
    {
        _directory.Write("farm.yaml", "schema: 1\nguard:\n  high: 60\n");

        var rows = Load([("ENCODEFARM__SLOTS", "2")], "encoding.preset=9")
            .Rows()
            .ToDictionary(row => row.Key);

        Source("retries.max").ShouldBe(("3", "default"));
        Source("encoding.vmaf_target").ShouldBe(("93", "in built-in profile av1-vmaf, line 12"));
        Source("guard.high").ShouldBe(("60", $"in {_directory.Path}/farm.yaml, line 3"));
        Source("slots").ShouldBe(("2", "in the environment variable ENCODEFARM__SLOTS"));
        Source("encoding.preset").ShouldBe(("9", "given with -s"));
        rows.Keys.ShouldBe(Schema.All.Select(setting => setting.Key), ignoreOrder: true);

        (string, string) Source(string key) => (rows[key].Value, rows[key].Source);
    }

    [Theory]
    [InlineData(
        "encoding.preset=15",
        "encoding.preset is 15, but must be 0..13 (AV1), 0..8 (VP9) or ultrafast..placebo (H.264, H.265)"
    )]
    [InlineData("encoding.vmaf_target=69.9", "encoding.vmaf_target is 69.9, but must be 70..99")]
    [InlineData("encoding.vmaf_target=NaN", "encoding.vmaf_target is NaN, but must be 70..99")]
    [InlineData("encoding.crf=0", "encoding.crf is 0, but must be none or 1..63")]
    [InlineData("encoding.crf_sd=64", "encoding.crf_sd is 64, but must be 1..63")]
    [InlineData("encoding.film_grain=51", "encoding.film_grain is 51, but must be off or 0..50")]
    [InlineData("segment.seconds=0.5", "segment.seconds is 0.5, but must be 1..300")]
    [InlineData("segment.seconds=1,5", "segment.seconds is 1,5, but must be 1..300")]
    [InlineData("slots=0", "slots is 0, but must be auto or 1..256")]
    [InlineData("slots=257", "slots is 257, but must be auto or 1..256")]
    [InlineData(
        "memory.limit=1M",
        "memory.limit is 1M, but must be auto or a size of at least 256 MiB, such as 8GiB"
    )]
    [InlineData("guard.high=101", "guard.high is 101, but must be 1..100")]
    [InlineData("retries.max=-1", "retries.max is -1, but must be 0..20")]
    [InlineData("retries.random_factor=2", "retries.random_factor is 2, but must be 0..1")]
    [InlineData(
        "crop=1:2:3",
        "crop is 1:2:3, but must be auto, off or width:height:x:y with even numbers"
    )]
    [InlineData(
        "crop=101:100:0:0",
        "crop is 101:100:0:0, but must be auto, off or width:height:x:y with even numbers"
    )]
    [InlineData("audio.bitrate=5k", "audio.bitrate is 5k, but must be auto or 6k..1536k")]
    [InlineData("audio.codec=mp3", "audio.codec is mp3, but must be one of opus, aac, copy")]
    [InlineData(
        "log.level=loud",
        "log.level is loud, but must be one of debug, info, warning, error"
    )]
    [InlineData("roots.sources=media", "roots.sources is media, but must be a list of directories")]
    [InlineData(
        "encoding.best_effort=perhaps",
        "encoding.best_effort is perhaps, but must be true or false"
    )]
    public void A_value_out_of_range_is_refused_with_key_value_and_range(
        string flag,
        string message
    ) => Refused(flag).ShouldBe($"{message} (given with -s).");

    [Theory]
    [InlineData("encoding.presett=6", "Did you mean encoding.preset?")]
    [InlineData("preset=6", "Did you mean encoding.preset?")]
    [InlineData("encoding.vmaf-target=93", "Did you mean encoding.vmaf_target?")]
    [InlineData("segment.second=9", "Did you mean segment.seconds?")]
    [InlineData("audo.bitrate=96k", "Did you mean audio.bitrate?")]
    [InlineData("colour.of.the.sky=blue", "See all keys with: encodefarm config show")]
    public void An_unknown_key_is_refused_with_the_nearest(string flag, string advice) =>
        Refused(flag)
            .ShouldBe($"There is no setting {flag.Split('=')[0]} (given with -s). {advice}");

    [Fact]
    public void An_unknown_variable_is_refused_too() =>
        Should
            .Throw<FarmException>(() => Load([("ENCODEFARM__SLOT", "2")]))
            .Message.ShouldBe(
                "There is no setting slot (in the environment variable ENCODEFARM__SLOT). Did you mean slots?"
            );

    [Fact]
    public void Errors_in_files_name_file_and_line()
    {
        var path = _directory.Write("farm.yaml", "schema: 1\n# comment\nencoding:\n  preset: 15\n");

        Should.Throw<FarmException>(() => Load()).Message.ShouldEndWith($"(in {path}, line 4).");
    }

    [Theory]
    [InlineData("slots: 2\n", "line 1: the schema version is missing; begin with 'schema: 1'.")]
    [InlineData("schema: 2\nslots: 2\n", "line 1: schema is 2, but this program knows 1.")]
    [InlineData("schema: 1\nslots: 2\nslots: 3\n", "line 3: slots stands here twice.")]
    [InlineData("- 1\n- 2\n", "line 1: keys and values are expected, such as 'slots: 2'.")]
    [InlineData("schema: 1\nwork: *x\n", "line 2: anchors and aliases are not used here.")]
    public void A_file_that_is_no_configuration_is_refused(string text, string reason)
    {
        var path = _directory.Write("farm.yaml", text);

        var error = Should.Throw<FarmException>(() => Load());

        error.Error.ShouldBe(FarmError.BadConfiguration);
        error.Message.ShouldBe($"{path}, {reason}");
    }

    [Theory]
    [InlineData("schema: 1\n  slots: 2\n")]
    [InlineData("schema: [1\n")]
    [InlineData("schema: 1\nslots: \"2\n")]
    public void Broken_YAML_is_refused_with_its_place(string text)
    {
        var path = _directory.Write("farm.yaml", text);

        Should.Throw<FarmException>(() => Load()).Message.ShouldStartWith($"{path}, line ");
    }

    [Theory]
    [InlineData("")]
    [InlineData("schema: 1\n")]
    [InlineData("schema: 1\nslots:\nwork: ~\n")]
    public void Keys_without_a_value_keep_their_default(string text)
    {
        _directory.Write("farm.yaml", text.Length == 0 ? "schema: 1" : text);

        Load().Farm.ShouldBe(new FarmSettings());
    }

    [Fact]
    public void All_problems_are_told() =>
        Should
            .Throw<FarmException>(() => Load([], "slots=0", "guard.high=0", "guard.low=-1"))
            .Message.ShouldBe(
                """
                slots is 0, but must be auto or 1..256 (given with -s).
                guard.high is 0, but must be 1..100 (given with -s).
                guard.low is -1, but must be 0..100 (given with -s).
                """
            );

    [Fact]
    public void A_key_given_in_both_ways_is_refused()
    {
        var path = _directory.Write("farm.yaml", "schema: 1\nguard.high: 5\nguard:\n  high: 6\n");
        var sentence =
            $"guard.high stands in {path}, line 2, and again in {path}, line 4. Keep one of the two.";

        Should.Throw<FarmException>(() => Load()).Message.ShouldBe(sentence);
        ConfigurationLoader.Check(path).ShouldBe([new Problem(sentence)]);
    }

    [Theory]
    [InlineData("guard.low=60", "guard.low is 60, but must not be above guard.high, 50.")]
    [InlineData(
        "retries.backoff_min_seconds=31",
        "retries.backoff_min_seconds is 31, but must not be above retries.backoff_max_seconds, 30."
    )]
    [InlineData(
        "node.advertise=10.0.0.1:911o",
        "node.advertise is 10.0.0.1:911o, but must be host:port, such as 10.0.0.1:9110."
    )]
    [InlineData(
        "node.advertise=one",
        "node.advertise is one, but must be host:port, such as 10.0.0.1:9110."
    )]
    public void Contradictions_of_the_farm_are_refused(string flag, string message) =>
        Refused(flag).ShouldBe(message);

    [Theory]
    [InlineData("10.0.0.1:80")]
    [InlineData("Farm-One.example:9110")]
    [InlineData("[fd00::1]:9110")]
    public void Endpoints_that_others_can_reach_are_taken(string endpoint) =>
        Load([], $"node.advertise={endpoint}").Farm.Cluster.Advertise.ShouldBe(endpoint);

    [Fact]
    public void A_configuration_that_does_not_exist_is_refused() =>
        Should
            .Throw<FarmException>(() => ConfigurationLoader.Load(Input("/no/such/place", [])))
            .Message.ShouldBe(
                "The configuration /no/such/place does not exist. Name a directory with a farm.yaml, or such a file."
            );

    [Fact]
    public void A_single_file_and_the_variable_work_as_well()
    {
        var path = _directory.Write("mine.yaml", "schema: 1\nslots: 5\n");

        ConfigurationLoader.Load(Input(path, [])).Farm.Slots.ShouldBe(5);
        ConfigurationLoader.Load(Input(null, [("ENCODEFARM_CONFIG", path)])).Farm.Slots.ShouldBe(5);
    }

    [Fact]
    public void Sizes_and_lists_are_read()
    {
        _directory.Write(
            "farm.yaml",
            "schema: 1\nmemory:\n  limit: 1.5GiB\nroots:\n  sources: ['/a, b', /c]\n"
        );

        var farm = Load().Farm;

        farm.MemoryLimit.ShouldBe(3L << 29);
        farm.SourceRoots.ShouldBe(["/a, b", "/c"]);
    }

    private static string PresetOf(FarmConfiguration configuration) =>
        configuration.Profile().Profile.Renditions[0].Video.Preset;

    private string Refused(string flag)
    {
        var error = Should.Throw<FarmException>(() => Load([], flag));
        error.Error.ShouldBe(FarmError.BadConfiguration);
        return error.Message;
    }

    private FarmConfiguration Load((string, string)[]? environment = null, params string[] flags) =>
        ConfigurationLoader.Load(Input(_directory.Path, environment ?? [], flags));

    private static ConfigurationInput Input(
        string? path,
        (string Key, string Value)[] environment,
        params string[] flags
    ) =>
        new(
            path,
            environment.ToDictionary(pair => pair.Key, pair => pair.Value),
            [.. flags.Select(ConfigurationLoader.ParseFlag)],
            "/"
        );
}
