using System.Diagnostics;
using System.Text.Json;

namespace EncodeFarm.Drills.Tests;

/// <summary><c>doctor</c> on a machine of a cluster, with real servers.</summary>
[Collection("broker")]
public sealed class DoctorDrills(BrokerServer broker, PostgresServer database, BucketServer buckets)
    : IDisposable
{
    readonly TestDirectory _directory = new("encodefarm-doctor");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_servers_that_the_configuration_names_are_told_with_their_versions()
    {
        await broker.RunningAsync();
        await buckets.RunningAsync();

        var (code, checks) = await ExamineAsync(
            // Of two brokers one is enough.
            $"{broker.Address},amqp://guest:secret@127.0.0.1:{FreePorts.One()}",
            await database.NewSchemaAsync(),
            BucketServer.Bucket
        );

        code.ShouldBe(0);
        checks.Count.ShouldBe(4);
        Detail(checks[0]).ShouldMatch(@"^RabbitMQ \d+\.\d+\.\d+");
        Told(checks[1]).ShouldBe((false, false));
        Detail(checks[2]).ShouldMatch(@"^PostgreSQL \d+\.\d+");
        Told(checks[3]).ShouldBe((true, true));
    }

    [Fact]
    public async Task Servers_that_refuse_are_told_with_what_to_do()
    {
        await broker.RunningAsync();
        await buckets.RunningAsync();
        var journal = await database.NewSchemaAsync();

        var (code, checks) = await ExamineAsync(
            broker.AddressAs("guest:secret"),
            journal.Replace("Database=postgres", "Database=nowhere"),
            "nowhere"
        );

        code.ShouldBe(4);
        checks.Select(Told).ShouldBe([(false, true), (false, true), (false, true)]);
        Advice(checks[0]).ShouldContain("refuses the user 'guest' or its password.");
        Advice(checks[1]).ShouldContain("/nowhere' can't be used: database \"nowhere\" does not");
        Advice(checks[2]).ShouldStartWith("There is no bucket nowhere at ");
    }

    /// <summary>The lines about servers, in order.</summary>
    async Task<(int Code, IReadOnlyList<JsonElement> Checks)> ExamineAsync(
        string brokers,
        string journal,
        string bucket
    )
    {
        var start = new ProcessStartInfo(
            Path.Combine(Repository.Root, "artifacts/bin/EncodeFarm.Node/release/encodefarm"),
            ["doctor", "--json", "--work", _directory.Path]
        )
        {
            RedirectStandardOutput = true,
            WorkingDirectory = _directory.Path,
        };
        start.Environment["AWS_ACCESS_KEY_ID"] = BucketServer.Key;
        start.Environment["AWS_SECRET_ACCESS_KEY"] = BucketServer.Key;
        start.Environment["ENCODEFARM__CLUSTER__BROKER"] = brokers;
        start.Environment["ENCODEFARM__CLUSTER__JOURNAL"] = journal;
        start.Environment["ENCODEFARM__CLUSTER__STORE"] =
            $"s3://{bucket}/doctor?endpoint={buckets.Address}";
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        output.ShouldNotContain("secret");
        return (
            process.ExitCode,
            [
                .. JsonDocument
                    .Parse(output)
                    .RootElement.GetProperty("checks")
                    .EnumerateArray()
                    .Where(check => Name(check) is "broker" or "journal" or "store"),
            ]
        );
    }

    static string Name(JsonElement check) => check.GetProperty("name").GetString()!;

    static string Detail(JsonElement check) =>
        check.GetProperty("detail").GetString().ShouldNotBeNull();

    static string Advice(JsonElement check) =>
        check.GetProperty("advice").GetString().ShouldNotBeNull();

    static (bool Fit, bool Necessary) Told(JsonElement check) =>
        (check.GetProperty("fit").GetBoolean(), check.GetProperty("necessary").GetBoolean());
}
