using System.Globalization;
using EncodeFarm.Cluster.Messaging;

namespace EncodeFarm.Cluster.Tests.Messaging;

/// <summary>What every transport does. Each test has a farm of its own.</summary>
public abstract partial class TransportSpecification : IAsyncLifetime
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    static readonly CancellationToken Forever = CancellationToken.None;
    readonly List<IFarmTransport> _joined = [];

    /// <summary>A node in this test's farm.</summary>
    protected abstract Task<IFarmTransport> ConnectAsync(string name);

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (var transport in _joined)
        {
            await transport.DisposeAsync();
        }
        GC.SuppressFinalize(this);
    }

    async Task<IFarmTransport> JoinAsync(string name)
    {
        var transport = await ConnectAsync(name);
        _joined.Add(transport);
        return transport;
    }

    static Envelope Message(int number) =>
        new("number.v1", number.ToString(CultureInfo.InvariantCulture));

    static IEnumerable<Envelope> Messages(int from, int count) =>
        Enumerable.Range(from, count).Select(Message);

    /// <summary>Lets <paramref name="listener"/> hear of the node, so that it can send to it.</summary>
    static async Task MeetAsync(IFarmTransport listener, IFarmTransport node)
    {
        var heard = new TaskCompletionSource();
        using var enough = new CancellationTokenSource();
        var hello = new Envelope("hello.v1", $"\"{Guid.NewGuid()}\"");
        await listener.ListenToSignalsAsync(
            message =>
            {
                if (message == hello)
                {
                    heard.TrySetResult();
                }
                return Task.CompletedTask;
            },
            enough.Token
        );
        await node.SignalAsync(hello, Forever);
        await heard.Task.WaitAsync(Soon);
    }
}
