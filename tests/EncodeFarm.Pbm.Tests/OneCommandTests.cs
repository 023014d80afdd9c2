using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Http;

namespace EncodeFarm.Pbm.Tests;

public sealed class OneCommandTests : IAsyncDisposable
{
    private readonly Pbm _pbm = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _pbm.DisposeAsync();

    [Fact]
    public async Task Cluster_show_is_printed_as_it_stands()
    {
        _pbm.Farm.NodeTwo.Members = _pbm
            .Farm.Coordinator.Members.Reach(ApiFixture.One.Address, true)
            .Table;

        (await _pbm.RunAsync("cluster", "show")).ShouldBe(
            (
                0,
                """
                farm://encodefarm@127.0.0.1:9110 | [coordinator,worker] | up | unreachable | 0.1.0
                farm://encodefarm@127.0.0.1:9111 | [worker] | up |  | 0.1.0
                Count: 2 nodes

                """,
                ""
            )
        );
    }

    [Fact]
    public async Task Json_is_one_value_a_line_and_nothing_else()
    {
        _pbm.Farm.Job("job");

        foreach (
            var words in new[]
            {
                "cluster show",
                "encode list",
                "encode show job",
                "encode segments job",
                "encode report job",
                "encode events job",
                "node list",
                "node show",
                "cluster-sharding region-stats",
                "cluster-sharding entities",
                "system version",
                "system tools",
                "cluster leader",
            }
        )
        {
            var (exit, output, error) = await _pbm.RunAsync([.. words.Split(' '), "--json"]);

            (exit, error).ShouldBe((0, ""), words);
            var lines = output.TrimEnd().Split('\n');
            lines.ShouldNotBeEmpty(words);
            foreach (var line in lines)
            {
                using var value = JsonDocument.Parse(line);
                value.RootElement.ValueKind.ShouldBe(JsonValueKind.Object, words);
            }
        }
    }

    [Fact]
    public async Task A_script_works_with_exit_codes_and_json_alone()
    {
        var source = _pbm.Farm.Files.Write("a.mkv", "video");

        var submitted = await _pbm.RunAsync("encode", "submit", "a.mkv", "--key", "k1", "--json");
        submitted.Exit.ShouldBe(0);
        using var answer = JsonDocument.Parse(submitted.Out);
        var id = answer.RootElement.GetProperty("job").GetProperty("id").GetString()!;
        answer.RootElement.GetProperty("job").GetProperty("source").GetString().ShouldBe(source);

        (await _pbm.RunAsync("encode", "pause", id)).Exit.ShouldBe(0);
        (await _pbm.RunAsync("encode", "pause", id)).Exit.ShouldBe(1);
        (await _pbm.RunAsync("encode", "cancel", id[..6])).Exit.ShouldBe(0);
        (await _pbm.RunAsync("encode", "watch", id)).ShouldBe(
            (1, $"✗ {id} cancelled: {source}\n", "")
        );
    }

    [Theory]
    [InlineData(
        2,
        "✗ There is no command 'encode lsit'. Did you mean 'encode list'?",
        "encode",
        "lsit"
    )]
    [InlineData(2, "✗ 'cluster' needs a command.", "cluster")]
    [InlineData(2, "✗ <job> is missing: id of the job", "encode", "show")]
    [InlineData(6, "✗ There is no job 'nojob'. See 'encode list'.", "encode", "show", "nojob")]
    [InlineData(1, "✗ 'one' is the coordinator", "cluster", "down", "-a", "one")]
    public async Task What_goes_wrong_has_a_sentence_and_an_exit_code(
        int exit,
        string words,
        params string[] arguments
    )
    {
        var result = await _pbm.RunAsync(arguments);

        (result.Exit, result.Out).ShouldBe((exit, ""));
        result.Error.ShouldStartWith(words);
    }

    [Fact]
    public async Task A_very_long_word_is_not_repeated_in_full()
    {
        var (exit, _, error) = await _pbm.RunAsync("encode", "show", new string('a', 100_000));

        exit.ShouldBe(6);
        error.Length.ShouldBeLessThan(600);
        error.ShouldEndWith("a… See 'encode list'.\n");
    }

    [Fact]
    public async Task In_json_a_problem_is_one_value_on_the_error_stream()
    {
        var (exit, output, error) = await _pbm.RunAsync("--json", "encode", "show", "nojob");

        (exit, output).ShouldBe((6, ""));
        using var problem = JsonDocument.Parse(error);
        problem.RootElement.GetProperty("kind").GetString().ShouldBe("not-found");
    }

    [Fact]
    public async Task Nobody_there_is_3()
    {
        var (exit, output, error) = await _pbm.RunAloneAsync(["127.0.0.1:1", "cluster", "show"]);

        (exit, output).ShouldBe((3, ""));
        error.ShouldStartWith("✗ Can't connect to 127.0.0.1:1: nobody listens there.");
    }

    /// <summary>As when it is killed between the question and the first line of the answer.</summary>
    [Fact]
    public async Task A_node_that_dies_before_it_answers_is_a_lost_connection()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var end = new CancellationTokenSource();
        var dying = Task.Run(async () =>
        {
            while (true)
            {
                using var socket = await listener.AcceptTcpClientAsync(end.Token);
                await socket.GetStream().ReadExactlyAsync(new byte[20], end.Token);
            }
        });
        using var client = new FarmClient(
            $"{listener.LocalEndpoint}",
            null,
            TimeSpan.FromMinutes(1)
        );

        await Should.ThrowAsync<ConnectionLostException>(async () =>
        {
            await foreach (var _ in client.RunAsync(new ControlRequest(["log", "tail"]), Stop)) { }
        });
        await Should.ThrowAsync<ConnectionLostException>(() => client.PalettesAsync(Stop));
        await end.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(dying);
    }

    [Fact]
    public async Task No_answer_in_time_is_4()
    {
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();

        var (exit, _, error) = await _pbm.RunAloneAsync([
            $"{silent.LocalEndpoint}",
            "--timeout",
            "300ms",
            "cluster",
            "show",
        ]);

        exit.ShouldBe(4);
        error.ShouldBe(
            $"✗ {silent.LocalEndpoint} did not answer within 0.3 s. Give it more with --timeout, or ask another node.\n"
        );
    }

    [Fact]
    public async Task A_node_with_tls_is_asked_by_whoever_knows_its_authority()
    {
        using var authority = new TestAuthority(_pbm.Farm.Files.Path);
        var certificate = authority.Issue();
        await using var server = await _pbm.Farm.ServeAsync(change: options =>
            options with
            {
                Tls = ServerTls.Of(
                    new TlsSettings(certificate.File, certificate.Key),
                    TimeProvider.System,
                    (_, _) => { }
                ),
            }
        );
        string[] words = ["system", "version"];

        (
            await _pbm.RunAloneAsync([
                $"https://{server.Address}",
                "--authority",
                authority.File,
                .. words,
            ])
        ).Exit.ShouldBe(0);
        (
            await _pbm.RunAloneAsync(
                [$"{server.Address}", .. words],
                environment: ("ENCODEFARM_AUTHORITY", authority.File)
            )
        ).Exit.ShouldBe(0);
        var (exit, _, error) = await _pbm.RunAloneAsync([$"{server.Address}", .. words]);
        exit.ShouldNotBe(0);
        error.ShouldBe(
            "✗ This port speaks TLS, and was asked in plain HTTP. Ask it as https://host:port (--authority <file> names the authority of its certificate).\n"
        );
        (exit, _, error) = await _pbm.RunAloneAsync([$"https://{server.Address}", .. words]);
        exit.ShouldBe(3);
        error.ShouldContain("an authority that this machine does not trust");
        (exit, _, error) = await _pbm.RunAloneAsync(["--authority", "/nowhere/ca.pem", .. words]);
        exit.ShouldBe(2);
        error.ShouldContain("'/nowhere/ca.pem' can't be read");
    }

    [Fact]
    public async Task A_wrong_token_is_5()
    {
        await using var server = await _pbm.Farm.ServeAsync(token: "0123456789abcdef");
        var node = $"127.0.0.1:{server.Address.Port}";

        (await _pbm.RunAloneAsync([node, "--token", "wrong", "cluster", "show"])).Exit.ShouldBe(5);
        (
            await _pbm.RunAloneAsync([node, "--token=0123456789abcdef", "cluster", "show"])
        ).Exit.ShouldBe(0);
        (
            await _pbm.RunAloneAsync(
                [node, "cluster", "show"],
                false,
                ("ENCODEFARM_TOKEN", "wrong")
            )
        ).Exit.ShouldBe(5);
    }

    [Theory]
    [InlineData("--timeout", "soon", "cluster", "show")]
    [InlineData("cluster", "show", "--token")]
    [InlineData("127.0.0.1:99999", "cluster", "show")]
    [InlineData("node1:0", "cluster", "show")]
    [InlineData("node1:x")]
    public async Task Wrong_options_are_2(params string[] arguments) =>
        (await _pbm.RunAloneAsync(arguments)).Exit.ShouldBe(2);

    [Fact]
    public async Task Without_a_terminal_nothing_prompts()
    {
        var (exit, output, error) = await _pbm.RunAloneAsync([]);

        (exit, output).ShouldBe((2, ""));
        error.ShouldStartWith("✗ No command is given, and there is no terminal to ask for one.");
    }

    [Fact]
    public async Task Help_comes_from_the_node()
    {
        var (exit, output, _) = await _pbm.RunAsync("help", "encode", "priority");
        (exit, output).ShouldBe(
            (
                0,
                """
                encode priority <job> <n>

                Jobs of higher priority come first.

                  <job>  Id of the job, or the first letters of it, at least 4.
                  <n>    0 is usual; may be negative.

                """
            )
        );
        (await _pbm.RunAsync("encode", "priority", "--help")).Out.ShouldBe(output);
        (await _pbm.RunAsync("help", "encoed")).Exit.ShouldBe(2);
        (await _pbm.RunAloneAsync(["--help"])).Out.ShouldStartWith("usage: pbm [host:port]");
        (await _pbm.RunAloneAsync(["--version"])).Out.ShouldStartWith("pbm 0.");
    }

    [Fact]
    public async Task Colour_is_for_terminals_only()
    {
        _pbm.Farm.Job("job");
        await _pbm.StartAsync();
        string[] ask = [_pbm.Address, "encode", "show", "nojob"];

        (await _pbm.RunAloneAsync(ask)).Error.ShouldNotContain("\u001b");
        (await _pbm.RunAloneAsync(ask, terminal: true)).Error.ShouldContain("\u001b[31m✗\u001b[0m");
        (await _pbm.RunAloneAsync([.. ask, "--no-color"], terminal: true)).Error.ShouldNotContain(
            "\u001b"
        );
        (await _pbm.RunAloneAsync(ask, terminal: true, ("NO_COLOR", "1"))).Error.ShouldNotContain(
            "\u001b"
        );
    }

    [Fact]
    public async Task Errors_are_coloured_where_they_go_to_a_terminal()
    {
        await _pbm.StartAsync();
        string[] ask = [_pbm.Address, "encode", "show", "nojob"];

        var toFile = await _pbm.RunAloneAsync(ask, true, false, keyboard: false);
        toFile.Error.ShouldStartWith("✗ There is no job");
        var toTerminal = await _pbm.RunAloneAsync(ask, false, true, keyboard: false);
        toTerminal.Error.ShouldStartWith("\u001b[31m✗\u001b[0m There is no job");
    }

    [Fact]
    public async Task Every_command_has_help_and_a_form_that_can_be_parsed()
    {
        foreach (var palette in _pbm.Farm.ControlOf().Palettes().Palettes)
        {
            foreach (var command in palette.Commands)
            {
                var (exit, output, _) = await _pbm.RunAsync("help", palette.Name, command.Name);
                exit.ShouldBe(0);
                output.ShouldStartWith($"{palette.Name} {command.Name}");
            }
        }
    }
}
