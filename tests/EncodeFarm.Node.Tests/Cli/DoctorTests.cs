using System.Globalization;
using System.Text.Json;

namespace EncodeFarm.Node.Tests.Cli;

/// <summary>What this machine lacks, as the program tells it; the servers themselves are asked in the drills.</summary>
public sealed class DoctorTests : IDisposable
{
    /// <summary>An ffmpeg that was built without SVT-AV1 and libopus.</summary>
    private const string PoorFfmpeg = """
        #!/bin/sh
        ffmpeg "$@" | grep -v -e libsvtav1 -e libopus

        """;

    private readonly Farm _farm = new();

    public void Dispose() => _farm.Dispose();

    [Fact]
    public async Task The_tools_are_found()
    {
        var (code, checks) = await ExamineAsync();

        code.ShouldBe(0);
        checks["ffmpeg"].GetProperty("fit").GetBoolean().ShouldBeTrue();
        // Nothing is told of servers that nobody has named.
        checks.Keys.ShouldNotContain("broker");
        checks.Keys.ShouldNotContain("store");
    }

    [Theory]
    [InlineData("av1-vmaf", 4)]
    [InlineData("av1-crf", 0)]
    public async Task What_measures_VMAF_is_necessary_where_the_profile_has_a_target(
        string profile,
        int expected
    )
    {
        _farm.Environment["ENCODEFARM_VMAF"] = "/no/such";
        _farm.Environment["ENCODEFARM__PROFILE"] = profile;

        var (code, checks) = await ExamineAsync();

        code.ShouldBe(expected);
        Told(checks["vmaf"]).ShouldBe((false, expected == 4));
    }

    [Theory]
    [InlineData("av1-crf", 4)]
    [InlineData("balanced", 0)]
    public async Task The_encoders_of_the_profile_are_necessary(string profile, int expected)
    {
        var ffmpeg = _farm.Write("ffmpeg", PoorFfmpeg);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(ffmpeg, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
        _farm.Environment["ENCODEFARM_FFMPEG"] = ffmpeg;
        _farm.Environment["ENCODEFARM__PROFILE"] = profile;

        var (code, checks) = await ExamineAsync();

        code.ShouldBe(expected);
        Told(checks["encoder libsvtav1"]).ShouldBe((false, expected == 4));
        Told(checks["encoder libopus"]).ShouldBe((false, expected == 4));
        Told(checks["encoder libx264"]).ShouldBe((true, profile == "balanced"));
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_told_without_its_password()
    {
        var port = FreePorts.One();
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        _farm.Environment["ENCODEFARM__CLUSTER__BROKER"] = $"amqp://farm:secret@{address}";

        var (code, output, error) = await _farm.RunAsync("doctor");

        (code, error).ShouldBe((4, ""));
        output.ShouldMatch($"✗ +broker +no +{address}");
        output.ShouldContain($"broker: No broker answers at {address}: Connection refused.");
        output.ShouldNotContain("secret");
    }

    [Fact]
    public async Task A_store_that_takes_no_files_and_a_shared_root_that_is_not_there_are_told()
    {
        _farm.Environment["ENCODEFARM__CLUSTER__STORE"] = _farm.Write("file", "");
        _farm.Environment["ENCODEFARM__ROOTS__SHARED"] = "/no/such";

        var (code, checks) = await ExamineAsync();

        code.ShouldBe(4);
        Told(checks["store"]).ShouldBe((false, true));
        Advice(checks["store"])
            .ShouldBe(
                $"'{_farm.Directory}/file' can't be written: '{_farm.Directory}/file' is a file, not a directory. Give this user the rights to it, or change cluster.store."
            );
        Told(checks["shared root"]).ShouldBe((false, true));

        _farm.Environment["ENCODEFARM__CLUSTER__STORE"] = Path.Combine(_farm.Directory, "store");
        _farm.Environment["ENCODEFARM__ROOTS__SHARED"] = _farm.Directory;
        (await ExamineAsync()).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_certificate_that_others_will_not_believe_for_long_or_at_all_is_told()
    {
        using var authority = new TestAuthority(_farm.Directory);
        var soon = authority.Issue(until: DateTimeOffset.UtcNow.AddDays(13));
        _farm.Environment["ENCODEFARM__TLS__CERTIFICATE"] = soon.File;
        _farm.Environment["ENCODEFARM__TLS__KEY"] = soon.Key;

        var (code, checks) = await ExamineAsync();

        code.ShouldBe(0);
        Told(checks["certificate"]).ShouldBe((false, false));
        Advice(checks["certificate"])
            .ShouldStartWith($"The certificate in '{soon.File}' runs out on ");

        _farm.Environment["ENCODEFARM__NODE__ADVERTISE"] = "one.example:9110";
        Advice((await ExamineAsync()).Checks["certificate"])
            .ShouldStartWith("Others ask this node as 'one.example' (node.advertise), but its ");
    }

    private async Task<(int Code, Dictionary<string, JsonElement> Checks)> ExamineAsync()
    {
        var (code, output, error) = await _farm.RunAsync("doctor", "--json");
        error.ShouldBe("");
        var report = JsonDocument.Parse(output).RootElement;
        report.GetProperty("fit").GetBoolean().ShouldBe(code == 0);
        return (
            code,
            report
                .GetProperty("checks")
                .EnumerateArray()
                .ToDictionary(check => check.GetProperty("name").GetString()!)
        );
    }

    private static (bool Fit, bool Necessary) Told(JsonElement check) =>
        (check.GetProperty("fit").GetBoolean(), check.GetProperty("necessary").GetBoolean());

    private static string Advice(JsonElement check) =>
        check.GetProperty("advice").GetString().ShouldNotBeNull();
}
