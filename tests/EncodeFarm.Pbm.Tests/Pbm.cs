using System.Globalization;
using EncodeFarm.Node.Http;

namespace EncodeFarm.Pbm.Tests;

/// <summary>The client against a real node's listener, without processes and terminals.</summary>
public sealed class Pbm : IAsyncDisposable
{
    public ApiFixture Farm { get; } = new();

    public HttpServer? Server { get; private set; }

    public string Address => $"127.0.0.1:{Server!.Address.Port}";

    /// <summary>At a port that nobody gets when the node goes away.</summary>
    public async Task StartAsync(bool worker = true)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePorts.One()}");
        Server = await Farm.ServeAsync(
            worker,
            change: options => options with { Listen = ListenAddress.Parse(address) }
        );
    }

    public async Task<(int Exit, string Out, string Error)> RunAsync(params string[] arguments)
    {
        if (Server is null)
        {
            await StartAsync();
        }
        return await RunAloneAsync([Address, .. arguments]);
    }

    /// <summary>Without a node.</summary>
    public Task<(int Exit, string Out, string Error)> RunAloneAsync(
        string[] arguments,
        bool terminal = false,
        params (string Name, string Value)[] environment
    ) => RunAloneAsync(arguments, terminal, terminal, keyboard: false, environment);

    public async Task<(int Exit, string Out, string Error)> RunAloneAsync(
        string[] arguments,
        bool outIsTerminal,
        bool errorIsTerminal,
        bool keyboard,
        params (string Name, string Value)[] environment
    )
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var host = new PbmHost(
            TextWriter.Synchronized(output),
            TextWriter.Synchronized(error),
            outIsTerminal,
            errorIsTerminal,
            keyboard,
            () => 80,
            () => 24,
            environment.ToDictionary(pair => pair.Name, pair => pair.Value),
            Farm.Files.Path
        );
        // A busy machine may be slow to answer where no test is about that.
        string[] patient = arguments.Contains("--timeout")
            ? arguments
            : ["--timeout", "5m", .. arguments];
        var exit = await Client.RunAsync(patient, host);
        return (exit, output.ToString(), error.ToString());
    }

    public ValueTask DisposeAsync() => Farm.DisposeAsync();
}
