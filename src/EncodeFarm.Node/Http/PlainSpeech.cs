using System.IO.Pipelines;
using System.Text;
using EncodeFarm.Contracts;
using Microsoft.AspNetCore.Connections;

namespace EncodeFarm.Node.Http;

/// <summary>Tells whoever speaks plain HTTP to a port with TLS that this is one, instead of hanging up without a word.</summary>
static class PlainSpeech
{
    /// <summary>With it every TLS connection begins (RFC 8446, 5.1: content type handshake).</summary>
    private const byte Handshake = 22;

    private static readonly TimeSpan FirstByteLimit = TimeSpan.FromSeconds(10);

    /// <summary>Whoever is cut off while it still sends may lose the answer.</summary>
    private static readonly TimeSpan HearOut = TimeSpan.FromSeconds(1);

    public static ConnectionDelegate Refused(ConnectionDelegate next) =>
        async connection =>
        {
            if (await BeginsWithHandshakeAsync(connection.Transport.Input) is not { } secure)
            {
                return;
            }
            if (secure)
            {
                await next(connection);
                return;
            }
            await connection.Transport.Output.WriteAsync(Answer());
            await connection.Transport.Output.CompleteAsync();
            await HearOutAsync(connection.Transport.Input);
        };

    /// <summary>Looks at the first byte and takes nothing away. Null where none comes.</summary>
    private static async Task<bool?> BeginsWithHandshakeAsync(PipeReader input)
    {
        using var limit = new CancellationTokenSource(FirstByteLimit);
        try
        {
            var read = await input.ReadAsync(limit.Token);
            bool? secure = read.Buffer.IsEmpty ? null : read.Buffer.FirstSpan[0] == Handshake;
            input.AdvanceTo(read.Buffer.Start);
            return secure;
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            return null;
        }
    }

    private static async Task HearOutAsync(PipeReader input)
    {
        using var limit = new CancellationTokenSource(HearOut);
        try
        {
            while (await input.ReadAsync(limit.Token) is { IsCompleted: false } read)
            {
                input.AdvanceTo(read.Buffer.End);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            // It has gone, or heard enough.
        }
    }

    private static byte[] Answer()
    {
        var body = ContractsJson.Write(
            new Problem(
                "This port speaks TLS, and was asked in plain HTTP.",
                "Ask it as https://host:port (--authority <file> names the authority of its certificate).",
                ProblemKind.Usage
            )
        );
        // The artifact store's client repeats the reason.
        return Encoding.UTF8.GetBytes(
            $"HTTP/1.1 400 This port speaks TLS\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n\r\n{body}"
        );
    }
}
