using EncodeFarm.Cluster.Artifacts;

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>What a store over the network does on a bad line: repeats, goes on where it was cut, and never hands out other bytes.</summary>
public abstract class FaultSpecification : IAsyncLifetime
{
    const string Name = "job/encoded/0/segment_0003.2-9.ivf";
    const int Length = 900_000;
    protected const string Html = "<html><body><h1>Sign in to the network</h1></body></html>";
    static readonly CancellationToken Forever = CancellationToken.None;

    protected Contents Contents { get; } = new();

    /// <summary>Where the server is.</summary>
    protected abstract Uri Server { get; }

    /// <summary>A client of its own, with its own connections.</summary>
    protected abstract IArtifactStore Through(Uri address, TransferOptions options);

    protected abstract void Release(IArtifactStore store);

    public abstract ValueTask InitializeAsync();

    public virtual ValueTask DisposeAsync()
    {
        Contents.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    async Task<T> OnLineAsync<T>(
        FaultProxy line,
        Func<IArtifactStore, Task<T>> act,
        TransferOptions? options
    )
    {
        var store = Through(line.Address, options ?? FaultProxy.Quick);
        try
        {
            return await act(store);
        }
        finally
        {
            Release(store);
        }
    }

    private protected Task PutAsync(
        FaultProxy line,
        StoredArtifact artifact,
        string path,
        TransferOptions? options = null
    ) =>
        OnLineAsync(
            line,
            async store =>
            {
                await store.PutAsync(artifact, path, Forever);
                return true;
            },
            options
        );

    private protected Task<string> FetchAsync(
        FaultProxy line,
        StoredArtifact artifact,
        TransferOptions? options = null
    ) =>
        OnLineAsync(
            line,
            store => store.FetchAsync(artifact, Contents.PathOf($"{Guid.NewGuid()}"), Forever),
            options
        );

    private protected async Task<StoredArtifact> StoredAsync(int length = Length)
    {
        var (artifact, path) = Contents.Make(Name, length);
        await using var line = new FaultProxy(Server);
        await PutAsync(line, artifact, path);
        return artifact;
    }

    public static TheoryData<string> Faults =>
        ["cut", "cut at once", "flip", "stall", "500", "503", "page"];

    static Fault FaultOf(string name, bool up) =>
        name switch
        {
            "cut" => new Fault.Cut(up, 300_000),
            "cut at once" => new Fault.Cut(up, 0),
            "flip" => new Fault.Flip(up, 500_000),
            "stall" => new Fault.Stall(up, 300_000),
            "500" => new Fault.Page("500 Internal Server Error", Html),
            "503" => new Fault.Page("503 Service Unavailable", ""),
            "page" => new Fault.Page("200 OK", Html),
            _ => throw new ArgumentOutOfRangeException(nameof(name)),
        };

    /// <summary>An altered byte does not end a connection, so the next fault would wait for ever.</summary>
    static Fault[] Twice(Fault fault) => fault is Fault.Flip ? [fault] : [fault, fault];

    static void ShouldHaveHappened(FaultProxy line, Fault fault)
    {
        line.Left.ShouldBe(0);
        line.Flipped.ShouldBe(fault is Fault.Flip ? 1 : 0);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fetch_outlives(string fault)
    {
        var artifact = await StoredAsync();
        var failure = FaultOf(fault, up: false);
        await using var line = new FaultProxy(Server, Twice(failure));

        var path = await FetchAsync(line, artifact, FaultProxy.For(fault));

        ShouldHaveHappened(line, failure);
        Contents.ShouldHold(path, artifact);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_put_outlives(string fault)
    {
        var (artifact, path) = Contents.Make(Name, Length);
        var failure = FaultOf(fault, up: true);
        await using var line = new FaultProxy(Server, Twice(failure));

        await PutAsync(line, artifact, path, FaultProxy.For(fault));

        ShouldHaveHappened(line, failure);
        await using var good = new FaultProxy(Server);
        Contents.ShouldHold(await FetchAsync(good, artifact), artifact);
    }

    [Fact]
    public async Task A_fetch_goes_on_where_it_was_cut()
    {
        var artifact = await StoredAsync();
        await using var line = new FaultProxy(
            Server,
            Enumerable.Range(0, 3).Select(_ => new Fault.Cut(Up: false, After: 250_000))
        );

        Contents.ShouldHold(await FetchAsync(line, artifact), artifact);

        line.Left.ShouldBe(0);
        // A reset throws away what the client has not read yet; from the start each time it would be twice as much.
        line.Down.ShouldBeInRange(Length, Length + 500_000);
    }

    [Fact]
    public async Task Cuts_do_not_end_a_fetch_that_moves_forward()
    {
        var artifact = await StoredAsync();
        await using var line = new FaultProxy(
            Server,
            Enumerable.Range(0, 25).Select(_ => new Fault.Cut(Up: false, After: 30_000))
        );

        Contents.ShouldHold(await FetchAsync(line, artifact), artifact);

        line.Left.ShouldBe(0);
    }

    public static TheoryData<string> Lasting => ["cut at once", "flip", "500", "page", "stall"];

    [Theory]
    [MemberData(nameof(Lasting))]
    public async Task A_line_that_stays_bad_ends_in_words_and_leaves_nothing(string fault)
    {
        var (artifact, path) = Contents.Make(Name, Length);
        await StoredAsync();
        var down = fault switch
        {
            "stall" => new Fault.Stall(false, 0),
            "flip" => new Fault.Flip(false, 400_000, Again: true),
            _ => FaultOf(fault, up: false),
        };
        await using var line = new FaultProxy(Server, Enumerable.Repeat(down, 100));
        var copy = Contents.PathOf("copy");

        var error = await Should.ThrowAsync<ArtifactException>(() =>
            OnLineAsync(
                line,
                store => store.FetchAsync(artifact, copy, Forever),
                FaultProxy.For(fault) with
                {
                    Tries = 3,
                }
            )
        );

        error.Message.ShouldContain($"To fetch '{Name}' from");
        error.Message.ShouldContain("3 times in succession. The last time: ");
        File.Exists(copy).ShouldBeFalse();
    }

    [Fact]
    public async Task Any_faults_leave_the_artifact_or_an_error()
    {
        // A good line that stands still for a moment counts too.
        var options = FaultProxy.Impatient with
        {
            Tries = 20,
        };
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var name = $"any/{seed}.ivf";
            var (artifact, path) = Contents.Make(name, random.Next(1, 400_000), seed);
            await using var up = new FaultProxy(Server, AnyFaults(random));
            await using var down = new FaultProxy(Server, AnyFaults(random));

            await PutAsync(up, artifact, path, options);

            Contents.ShouldHold(await FetchAsync(down, artifact, options), artifact);
        }
    }

    /// <summary>Fewer than would end a transfer.</summary>
    static List<Fault> AnyFaults(Random random) =>
        [
            .. Enumerable
                .Range(0, random.Next(0, 6))
                .Select(_ =>
                {
                    var (up, at) = (random.Next(2) == 0, random.NextInt64(0, 500_000));
                    return (Fault)(
                        random.Next(9) switch
                        {
                            0 => new Fault.Stall(up, at),
                            1 or 2 => new Fault.Page("502 Bad Gateway", Html),
                            3 or 4 => new Fault.Page("200 OK", Html),
                            // Behind the heads: an altered head may ask for another artifact.
                            5 or 6 => new Fault.Flip(up, 3_000 + at),
                            _ => new Fault.Cut(up, at),
                        }
                    );
                }),
        ];
}
