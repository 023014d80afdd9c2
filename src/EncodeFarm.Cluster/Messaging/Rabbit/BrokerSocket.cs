using System.Net.Sockets;
using RabbitMQ.Client;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>
/// The client library's socket with a read limit that holds: the library sets it to two heartbeats, and .NET's stream
/// heeds it in synchronous reads only. Without it the library finds a silent connection by a timer after three
/// heartbeats, and closes it there and in its reading loop at once; where the two meet, the exception ends the process
/// (library up to 7.2.0, its issue 1884).
/// </summary>
sealed class BrokerSocket(AddressFamily family)
    : TcpClientAdapter(new Socket(family, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
{
    public override NetworkStream GetStream() => new LimitedStream(Client);

    sealed class LimitedStream(Socket socket) : NetworkStream(socket)
    {
        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken
        )
        {
            var milliseconds = ReadTimeout;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(milliseconds > 0 ? milliseconds : Timeout.Infinite);
            try
            {
                return await base.ReadAsync(buffer, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // What was not sent by now is not to arrive later, when the network heals.
                Socket.LingerState = new LingerOption(true, 0);
                throw new IOException(
                    $"Nothing was heard of the broker for {milliseconds / 1000.0:0.#} s."
                );
            }
        }
    }
}
