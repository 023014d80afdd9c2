using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;

namespace EncodeFarm.Node.Tests.Control;

/// <summary>Runs commands on the nodes of an <see cref="ApiFixture"/>, as their control port does.</summary>
public abstract class ControlCaller : IAsyncDisposable
{
    protected ApiFixture Farm { get; } = new();

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Farm.DisposeAsync();
    }

    protected async Task<string> TextAsync(string line, bool worker = false)
    {
        var lines = await RunAsync(line, worker);
        lines[^1].Exit.ShouldBe(0, lines[^1].Problem?.Sentence());
        return string.Join(
            '\n',
            lines.Select(l => l.Text).OfType<string>().Select(t => t.TrimEnd())
        );
    }

    protected async Task<List<ControlLine>> RunAsync(
        string line,
        bool worker = false,
        string? directory = null,
        ApiFixture? farm = null
    )
    {
        var lines = new List<ControlLine>();
        await foreach (
            var reply in (farm ?? Farm)
                .ControlOf(worker)
                .RunAsync(Body(line, null, directory), Stop)
        )
        {
            lines.Add(reply);
        }
        return lines;
    }

    protected static string Body(string line, int? width = null, string? directory = null) =>
        ContractsJson.Write(
            new ControlRequest(CommandText.Parse(line).Words, width, Directory: directory)
        );
}
