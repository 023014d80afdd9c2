using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>Deliveries to a bucket of a real server.</summary>
public sealed class S3OutputsTests(BucketServer server) : IAsyncLifetime
{
    const int Small = 900_000;

    /// <summary>Three parts of S3's least size.</summary>
    const int Large = 12_000_000;

    readonly Contents _contents = new();
    S3StoreOptions _options = null!;

    public async ValueTask InitializeAsync() =>
        _options = await server.NewFolderAsync() with { PartSize = 5 << 20 };

    public ValueTask DisposeAsync()
    {
        _contents.Dispose();
        return ValueTask.CompletedTask;
    }

    S3Outputs Outputs(Uri? through = null, TransferOptions? transfers = null) =>
        new(
            _options with
            {
                Endpoint = through ?? _options.Endpoint,
                Transfers = transfers ?? FaultProxy.Quick,
            },
            TimeProvider.System,
            _ => { }
        );

    /// <summary>In a folder of the test's own, with letters that artifacts never have.</summary>
    S3Address Address(string name = "Über den Wolken (1).mkv") =>
        S3Address.Parse($"s3://{_options.Bucket}/{_options.Folder}/{name}");

    /// <summary>Somebody else's.</summary>
    AmazonS3Client NewClient() =>
        new(
            new BasicAWSCredentials(_options.AccessKey, _options.SecretKey),
            new AmazonS3Config
            {
                ServiceURL = _options.Endpoint!.ToString(),
                ForcePathStyle = true,
                AuthenticationRegion = _options.Region,
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            }
        );

    static Task PutAsync(
        S3Outputs outputs,
        S3Address address,
        (StoredArtifact Artifact, string Path) file,
        bool overwrite = false
    ) =>
        outputs.PutAsync(
            address,
            file.Path,
            file.Artifact.Length,
            file.Artifact.Sha256,
            overwrite,
            default
        );

    void ShouldHold(S3Address address, StoredArtifact artifact) =>
        Contents.ShouldHold(server.PlaceOf(address.Key), artifact);

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task A_file_arrives_under_its_name(int length)
    {
        var file = _contents.Make("film", length);
        var outputs = Outputs();
        (await outputs.FindAsync(Address(), default)).ShouldBeNull();

        await PutAsync(outputs, Address(), file);

        ShouldHold(Address(), file.Artifact);
        (await outputs.FindAsync(Address(), default)).ShouldBe(length);
        (await HoldsAsync(outputs, file.Artifact)).ShouldBeTrue();
        (
            await HoldsAsync(outputs, file.Artifact with { Sha256 = new string('0', 64) })
        ).ShouldBeFalse();
        // A longer name that begins so is another object.
        (await outputs.FindAsync(Address("Über"), default)).ShouldBeNull();
    }

    Task<bool> HoldsAsync(S3Outputs outputs, StoredArtifact artifact) =>
        outputs.HoldsAsync(Address(), artifact.Length, artifact.Sha256, default);

    [Theory]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task Another_object_is_replaced_only_when_that_was_asked(int length)
    {
        var (before, after) = (_contents.Make("a", Small, 1), _contents.Make("b", length, 2));
        var outputs = Outputs();
        await PutAsync(outputs, Address(), before);

        var error = await Should.ThrowAsync<BucketRefusedException>(() =>
            PutAsync(outputs, Address(), after)
        );

        error.Message.ShouldBe($"The output {Address()} exists already.");
        ShouldHold(Address(), before.Artifact);
        await PutAsync(outputs, Address(), after, overwrite: true);
        ShouldHold(Address(), after.Artifact);
    }

    [Fact]
    public async Task What_others_have_put_there_is_no_file_of_ours()
    {
        var file = _contents.Make("a", Small);
        using var client = NewClient();
        await client.PutObjectAsync(
            new PutObjectRequest
            {
                BucketName = _options.Bucket,
                Key = Address().Key,
                FilePath = file.Path,
            }
        );

        (await HoldsAsync(Outputs(), file.Artifact)).ShouldBeFalse();
        await Should.ThrowAsync<BucketRefusedException>(() => PutAsync(Outputs(), Address(), file));
        await PutAsync(Outputs(), Address(), file, overwrite: true);
        (await HoldsAsync(Outputs(), file.Artifact)).ShouldBeTrue();
    }

    [Fact]
    public async Task What_is_there_already_is_not_sent_again()
    {
        var file = _contents.Make("a", Small);
        await PutAsync(Outputs(), Address(), file);
        await using var line = new FaultProxy(server.Address);

        await PutAsync(Outputs(line.Address), Address(), file);

        line.Up.ShouldBeLessThan(Small / 10);
    }

    /// <summary>A process that is killed leaves an upload in parts behind.</summary>
    [Fact]
    public async Task Half_an_upload_is_seen_by_nobody_and_is_in_nobodys_way()
    {
        var file = _contents.Make("a", Large);
        using var client = NewClient();
        var begun = await client.InitiateMultipartUploadAsync(_options.Bucket, Address().Key);
        await client.UploadPartAsync(
            new UploadPartRequest
            {
                BucketName = _options.Bucket,
                Key = Address().Key,
                UploadId = begun.UploadId,
                PartNumber = 1,
                FilePath = file.Path,
                PartSize = _options.PartSize,
            }
        );
        (await Outputs().FindAsync(Address(), default)).ShouldBeNull();

        await PutAsync(Outputs(), Address(), file);

        ShouldHold(Address(), file.Artifact);
    }

    public static TheoryData<string, int> Faults
    {
        get
        {
            var faults = new TheoryData<string, int>();
            foreach (var length in new[] { Small, Large })
            {
                foreach (var fault in new[] { "cut", "flip", "stall", "503" })
                {
                    faults.Add(fault, length);
                }
            }
            return faults;
        }
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_delivery_outlives(string fault, int length)
    {
        var file = _contents.Make("a", length);
        Fault failure = fault switch
        {
            "cut" => new Fault.Cut(Up: true, 300_000),
            "flip" => new Fault.Flip(Up: true, 500_000),
            "stall" => new Fault.Stall(Up: true, 300_000),
            _ => new Fault.Page("503 Service Unavailable", ""),
        };
        await using var line = new FaultProxy(server.Address, failure);

        await PutAsync(Outputs(line.Address, FaultProxy.For(fault)), Address(), file);

        line.Left.ShouldBe(0);
        ShouldHold(Address(), file.Artifact);
    }

    [Fact]
    public async Task A_line_that_is_cut_for_good_is_no_refusal_and_leaves_nothing_to_see()
    {
        var file = _contents.Make("a", Large);
        await using var line = new FaultProxy(
            server.Address,
            Enumerable.Repeat<Fault>(new Fault.Cut(Up: true, 300_000), 1000)
        );

        var error = await Should.ThrowAsync<ArtifactException>(() =>
            PutAsync(Outputs(line.Address, FaultProxy.Quick with { Tries = 3 }), Address(), file)
        );

        error.ShouldNotBeOfType<BucketRefusedException>();
        error.Message.ShouldContain("failed 3 times in succession");
        (await Outputs().FindAsync(Address(), default)).ShouldBeNull();
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_named()
    {
        var file = _contents.Make("a", Small);
        var nowhere = Address() with { Bucket = "nowhere" };

        (
            await Should.ThrowAsync<BucketRefusedException>(() =>
                Outputs().FindAsync(nowhere, default)
            )
        ).Message.ShouldContain("There is no bucket nowhere");
        (
            await Should.ThrowAsync<BucketRefusedException>(() =>
                PutAsync(Outputs(), nowhere, file)
            )
        ).Message.ShouldContain("There is no bucket nowhere");
    }

    [Fact]
    public async Task Wrong_keys_are_told_at_once()
    {
        _options = _options with { AccessKey = "wrong" };

        var error = await Should.ThrowAsync<BucketRefusedException>(() =>
            Outputs().FindAsync(Address(), default)
        );

        error.Message.ShouldContain("Check the access key, the secret key and what they allow.");
    }
}
