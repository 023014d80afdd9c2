using System.Net;
using System.Net.Sockets;

namespace EncodeFarm.Cluster.Tests.Rabbit;

/// <summary>A way to a broker on this machine that can be cut without anybody being told, as by a pulled cable.</summary>
sealed class SilentRelay : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _end = new();
    readonly int _target;
    volatile TaskCompletionSource _called = new();
    volatile TaskCompletionSource _open = new();

    public SilentRelay(int target)
    {
        _target = target;
        _open.SetResult();
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>Completes when somebody calls after the last cut.</summary>
    public Task CalledAgain => _called.Task;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Cut()
    {
        _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public void Heal() => _open.TrySetResult();

    async Task AcceptAsync()
    {
        while (true)
        {
            _ = RelayAsync(await _listener.AcceptTcpClientAsync(_end.Token));
            _called.TrySetResult();
        }
    }

    async Task RelayAsync(TcpClient caller)
    {
        using var server = new TcpClient();
        using (caller)
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _end.Token);
            await Task.WhenAny(CopyAsync(caller, server), CopyAsync(server, caller));
        }
    }

    async Task CopyAsync(TcpClient from, TcpClient to)
    {
        var buffer = new byte[64 * 1024];
        while (await from.Client.ReceiveAsync(buffer, _end.Token) is > 0 and var read)
        {
            await _open.Task.WaitAsync(_end.Token);
            await to.Client.SendAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
    }
}
