using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EncodeFarm.TestServers;

/// <summary>What happens to one connection. Offsets count its bytes in that direction, heads included.</summary>
public abstract record Fault
{
    public sealed record None : Fault;

    /// <summary>Both ends see a reset.</summary>
    public sealed record Cut(bool Up, long After) : Fault
    {
        /// <summary>Awaited before it happens, when all bytes before it are on their way.</summary>
        public Func<Task> Before { get; init; } = () => Task.CompletedTask;
    }

    /// <summary>One bit of one byte; or of every so manieth, for the connection carries more than one request.</summary>
    public sealed record Flip(bool Up, long At, bool Again = false) : Fault;

    /// <summary>Nothing comes any more, and the connection stays.</summary>
    public sealed record Stall(bool Up, long After) : Fault;

    /// <summary>Somebody on the way answers.</summary>
    public sealed record Page(string Status, string Body) : Fault;
}

/// <summary>A bad line to a server on loopback: its connections suffer the planned faults in turn, later ones none.</summary>
public sealed class FaultProxy : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _closed = new();
    readonly ConcurrentQueue<Fault> _faults;
    readonly ConcurrentBag<Task> _connections = [];
    readonly Task _accepting;
    readonly int _server;
    long _up;
    long _down;
    long _flipped;
    int _stalled;

    public FaultProxy(Uri server, params IEnumerable<Fault> faults)
    {
        _server = server.Port;
        _faults = new(faults);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Bytes that reached the server.</summary>
    public long Up => Interlocked.Read(ref _up);

    /// <summary>Bytes that reached the client.</summary>
    public long Down => Interlocked.Read(ref _down);

    public long Flipped => Interlocked.Read(ref _flipped);

    /// <summary>Connections in which nothing comes any more.</summary>
    public int Stalled => Volatile.Read(ref _stalled);

    /// <summary>How many planned faults have not happened.</summary>
    public int Left => _faults.Count;

    async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_closed.Token);
                var fault = _faults.TryDequeue(out var next) ? next : new Fault.None();
                _connections.Add(ServeAsync(client, fault));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException) { }
    }

    async Task ServeAsync(Socket client, Fault fault)
    {
        using var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            try
            {
                if (fault is Fault.Page page)
                {
                    await AnswerAsync(client, page);
                    return;
                }
                // Little is under way, so a reset throws little away, however slow the other end reads.
                client.SendBufferSize = server.SendBufferSize = 16_384;
                await server.ConnectAsync(IPAddress.Loopback, _server, _closed.Token);
                using var over = CancellationTokenSource.CreateLinkedTokenSource(_closed.Token);
                var ways = new[]
                {
                    PumpAsync(client, server, fault, up: true, over.Token),
                    PumpAsync(server, client, fault, up: false, over.Token),
                };
                await Task.WhenAny(ways);
                over.Cancel();
                // A reset, as a cut line looks when it comes back.
                client.LingerState = server.LingerState = new LingerOption(fault is Fault.Cut, 0);
                await Task.WhenAll(ways);
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException)
            { }
        }
    }

    async Task PumpAsync(
        Socket from,
        Socket to,
        Fault fault,
        bool up,
        CancellationToken cancellation
    )
    {
        var (buffer, passed) = (new byte[16_384], 0L);
        while (true)
        {
            var read = await from.ReceiveAsync(buffer, cancellation);
            if (read == 0)
            {
                return;
            }
            var (send, ends) = (read, false);
            switch (fault)
            {
                case Fault.Cut(var way, var after) when way == up && passed + read > after:
                    (send, ends) = ((int)(after - passed), true);
                    break;
                case Fault.Stall(var way, var after) when way == up && passed + read > after:
                    await to.SendAsync(buffer.AsMemory(0, (int)(after - passed)), cancellation);
                    Interlocked.Increment(ref _stalled);
                    await Task.Delay(Timeout.Infinite, cancellation);
                    break;
                case Fault.Flip(var way, var at, var again) when way == up:
                    var next = again ? (passed + at - 1) / at * at : at;
                    if (next >= passed && next < passed + read)
                    {
                        buffer[next - passed] ^= 0x10;
                        Interlocked.Increment(ref _flipped);
                    }
                    break;
            }
            for (var sent = 0; sent < send; )
            {
                sent += await to.SendAsync(buffer.AsMemory(sent, send - sent), cancellation);
            }
            Interlocked.Add(ref up ? ref _up : ref _down, send);
            passed += read;
            if (ends)
            {
                await ((Fault.Cut)fault).Before();
                return;
            }
        }
    }

    async Task AnswerAsync(Socket client, Fault.Page page)
    {
        var (buffer, head) = (new byte[16_384], "");
        while (!head.Contains("\r\n\r\n"))
        {
            head += Encoding.ASCII.GetString(
                buffer,
                0,
                await client.ReceiveAsync(buffer, _closed.Token)
            );
        }
        var answer =
            $"HTTP/1.1 {page.Status}\r\nContent-Type: text/html\r\nContent-Length: {page.Body.Length}\r\nConnection: close\r\n\r\n{page.Body}";
        await client.SendAsync(Encoding.ASCII.GetBytes(answer), _closed.Token);
        client.Shutdown(SocketShutdown.Send);
        // Until the client has read it all and hangs up.
        while (await client.ReceiveAsync(buffer, _closed.Token) > 0) { }
    }

    public async ValueTask DisposeAsync()
    {
        _closed.Cancel();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_connections);
        _closed.Dispose();
    }
}
