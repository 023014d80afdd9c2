using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EncodeFarm.Node.Configuration;
using EncodeFarm.Node.Control;

namespace EncodeFarm.Pbm.Tests;

/// <summary>Interactive use in a real terminal, that of <c>script</c>.</summary>
public sealed class ConversationTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Pbm _pbm = new();

    public ValueTask DisposeAsync() => _pbm.DisposeAsync();

    [Fact]
    public async Task It_completes_redirects_and_survives_the_end_of_a_tail()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "There is no terminal to try it in.");
        await _pbm.StartAsync();
        _pbm.Farm.Job("0123456789abcdef");
        using var terminal = new Terminal(_pbm.Address, _pbm.Farm.Files.Path);
        await terminal.SeeAsync($"successfully connected to {_pbm.Address}");
        await terminal.SeeAsync("type `help` to see what's available");
        await terminal.SeeAsync($"[{_pbm.Address}] pbm> ");

        await terminal.TypeAsync("enc\tsho\t01\t");
        await terminal.SeeAsync("encode show 0123456789abcdef");
        await terminal.TypeAsync("\r");
        await terminal.SeeAsync("0123456789abcdef  encoding  /films/a.mkv");

        await terminal.TypeAsync("cluster show > seen.txt\r");
        await terminal.TypeAsync("log tail\r");
        await terminal.SeeAsync("a line of the log", () => Log("a line of the log"));
        await terminal.TypeAsync("\u0003");
        await terminal.SeeAsync("pbm> ");
        await terminal.TypeAsync("cluster sho\u0003cluster jion\r");
        await terminal.SeeAsync("Did you mean 'cluster join'?");
        await terminal.TypeAsync("cluster leader\r");
        await terminal.SeeAsync("farm://encodefarm@127.0.0.1:9110");
        await terminal.TypeAsync("quit\r");

        (await terminal.EndAsync()).ShouldBe(0);
        File.ReadAllText(Path.Combine(_pbm.Farm.Files.Path, "seen.txt"))
            .ShouldEndWith("Count: 2 nodes\n");
        File.ReadAllLines(Path.Combine(_pbm.Farm.Files.Path, "encodefarm", "pbm_history"))
            .ShouldBe([
                "encode show 0123456789abcdef",
                "cluster show > seen.txt",
                "log tail",
                "cluster jion",
                "cluster leader",
                "quit",
            ]);
    }

    [Fact]
    public async Task A_node_that_goes_away_ends_the_command_and_not_the_conversation()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "There is no terminal to try it in.");
        await _pbm.StartAsync();
        using var terminal = new Terminal(_pbm.Address, _pbm.Farm.Files.Path);
        await terminal.SeeAsync("pbm> ");
        await terminal.TypeAsync("log tail\r");
        await terminal.SeeAsync("a line of the log", () => Log("a line of the log"));

        await _pbm.Server!.DisposeAsync();

        await terminal.SeeAsync("connection to host terminated.");
        await terminal.TypeAsync("cluster show\r");
        await terminal.SeeAsync("nobody listens there");
        await terminal.SeeAsync("pbm> ");
        await terminal.TypeAsync("\u0004");
        (await terminal.EndAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Its_options_hold_in_it_and_some_may_be_typed()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "There is no terminal to try it in.");
        await _pbm.StartAsync();
        using var terminal = new Terminal($"--no-color {_pbm.Address}", _pbm.Farm.Files.Path);

        await terminal.SeeAsync("pbm> ");
        await terminal.TypeAsync("encode show ");
        await terminal.SeeAsync("encode show (<job>)");
        await terminal.TypeAsync("nojob\r");
        await terminal.SeeAsync("\n✗ There is no job 'nojob'.");
        await terminal.TypeAsync("cluster leader --json\r");
        await terminal.SeeAsync("\n{\"address\":\"farm://encodefarm@127.0.0.1:9110\"");
        await terminal.TypeAsync("cluster leader --json > leader.json\r");
        await terminal.TypeAsync("cluster leader --help\r");
        await terminal.SeeAsync("The coordinator that decides.");
        await terminal.TypeAsync("cluster down -a 127.0.0.1:9111\t--f\t\r");
        await terminal.SeeAsync("'two' is down.");
        await terminal.TypeAsync("exit\r");

        (await terminal.EndAsync()).ShouldBe(0);
        File.ReadAllText(Path.Combine(_pbm.Farm.Files.Path, "leader.json"))
            .ShouldStartWith("{\"address\":");
    }

    [Fact]
    public async Task With_json_every_answer_is_json_and_help_is_for_people()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "There is no terminal to try it in.");
        await _pbm.StartAsync();
        using var terminal = new Terminal($"--json {_pbm.Address}", _pbm.Farm.Files.Path);

        await terminal.SeeAsync("pbm> ");
        await terminal.TypeAsync("cluster leader\r");
        await terminal.SeeAsync("\n{\"address\":\"farm://encodefarm@127.0.0.1:9110\"");
        await terminal.TypeAsync("encode show nojob\r");
        await terminal.SeeAsync("\n{\"error\":\"There is no job");
        await terminal.TypeAsync("help\r");
        await terminal.SeeAsync("exit leaves");
        await terminal.TypeAsync("exit\r");

        (await terminal.EndAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task One_that_can_not_begin_has_the_exit_code_of_a_single_command()
    {
        await using var server = await _pbm.Farm.ServeAsync(token: "0123456789abcdef");
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        (await ExitAsync($"127.0.0.1:{server.Address.Port}", "--token", "wrong")).ShouldBe(5);
        (await ExitAsync($"{silent.LocalEndpoint}", "--timeout", "300ms")).ShouldBe(4);
        (await ExitAsync("127.0.0.1:1")).ShouldBe(3);

        async Task<int> ExitAsync(params string[] arguments) =>
            (await _pbm.RunAloneAsync(arguments, true, true, keyboard: true)).Exit;
    }

    private void Log(string text) =>
        _pbm.Farm.Log.Write(new LogLine(DateTimeOffset.UnixEpoch, LogLevel.Info, text));

    /// <summary>The built client in a terminal of its own.</summary>
    private sealed class Terminal : IDisposable
    {
        private readonly Process _process;
        private readonly StringBuilder _screen = new();
        private readonly SemaphoreSlim _more = new(0);
        private int _seen;

        /// <param name="arguments">Of the client, as a shell reads them.</param>
        public Terminal(string arguments, string directory)
        {
            // A shell that stays between the terminal and the client would take Ctrl-C as its own end.
            var program = Path.Combine(AppContext.BaseDirectory, "pbm");
            var start = new ProcessStartInfo(
                "script",
                ["-qfec", $"exec '{program}' --timeout 5m {arguments}", "/dev/null"]
            )
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                WorkingDirectory = directory,
            };
            start.Environment["SHELL"] = "/bin/sh";
            start.Environment["TERM"] = "xterm";
            start.Environment["XDG_STATE_HOME"] = directory;
            _process = Process.Start(start)!;
            _ = ReadAsync();
        }

        private async Task ReadAsync()
        {
            var buffer = new char[4096];
            int read;
            while ((read = await _process.StandardOutput.ReadAsync(buffer)) > 0)
            {
                lock (_screen)
                {
                    _screen.Append(buffer, 0, read);
                }
                _more.Release();
            }
        }

        public async Task TypeAsync(string keys)
        {
            await _process.StandardInput.WriteAsync(keys);
            await _process.StandardInput.FlushAsync();
        }

        /// <summary>Waits for words behind those that were seen before.</summary>
        /// <param name="again">Done again and again meanwhile.</param>
        public async Task SeeAsync(string words, Action? again = null)
        {
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < Patience)
            {
                lock (_screen)
                {
                    var at = _screen.ToString().IndexOf(words, _seen, StringComparison.Ordinal);
                    if (at >= 0)
                    {
                        _seen = at + words.Length;
                        return;
                    }
                }
                again?.Invoke();
                await _more.WaitAsync(TimeSpan.FromMilliseconds(100));
            }
            throw new TimeoutException($"'{words}' did not come. The screen:\n{_screen}");
        }

        public async Task<int> EndAsync()
        {
            await _process
                .WaitForExitAsync(TestContext.Current.CancellationToken)
                .WaitAsync(Patience);
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
            {
                _process.Kill(entireProcessTree: true);
            }
            _process.Dispose();
        }
    }
}
