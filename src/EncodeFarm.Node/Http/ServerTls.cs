using System.Net.Security;
using EncodeFarm.Media.Model;
using EncodeFarm.Node.Configuration;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace EncodeFarm.Node.Http;

/// <summary>The certificate of a listener. One that is renewed on disk is taken without a restart.</summary>
public sealed class ServerTls
{
    /// <summary>How soon a renewed file is seen; those who renew do so days before the end.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan HandshakeLimit = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly TlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly Action<LogLevel, string> _log;
    private ServerCertificate _now;
    private (DateTime, DateTime) _written;
    private long _looked;

    private ServerTls(TlsSettings settings, TimeProvider time, Action<LogLevel, string> log)
    {
        (_settings, _time, _log) = (settings, time, log);
        (_written, _looked) = (Written(), time.GetTimestamp());
        _now = ServerCertificate.Read(settings, time.GetUtcNow());
        WarnOfEnd();
    }

    /// <returns>Null where the settings name no certificate: the listener speaks plain HTTP.</returns>
    /// <exception cref="FarmException">The certificate can't be used.</exception>
    public static ServerTls? Of(
        TlsSettings settings,
        TimeProvider time,
        Action<LogLevel, string> log
    ) => settings.Certificate is null ? null : new(settings, time, log);

    /// <summary>From now on nothing but HTTPS is spoken there.</summary>
    public void On(ListenOptions listener)
    {
        // The one protocol that is spoken without TLS too.
        listener.Protocols = HttpProtocols.Http1;
        listener.Use(PlainSpeech.Refused);
        listener.UseHttps(
            new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = HandshakeLimit,
                OnConnection = _ =>
                    ValueTask.FromResult(
                        new SslServerAuthenticationOptions { ServerCertificateContext = Context }
                    ),
            }
        );
    }

    /// <summary>What is shown to the next one who asks.</summary>
    private SslStreamCertificateContext Context
    {
        get
        {
            lock (_gate)
            {
                if (_time.GetElapsedTime(_looked) >= LookAgain)
                {
                    _looked = _time.GetTimestamp();
                    Renew();
                }
                return _now.Context;
            }
        }
    }

    /// <inheritdoc cref="ServerCertificate.Misnamed"/>
    public string? Misnamed(string endpoint) => _now.Misnamed(endpoint);

    private void Renew()
    {
        var written = Written();
        if (written == _written)
        {
            return;
        }
        try
        {
            _now = ServerCertificate.Read(_settings, _time.GetUtcNow());
            _written = written;
            _log(
                LogLevel.Info,
                $"The renewed certificate is taken; it is valid until {ServerCertificate.Day(_now.Leaf.NotAfter)}."
            );
            WarnOfEnd();
        }
        catch (FarmException error)
        {
            // Perhaps only one of its two files is there yet.
            _log(LogLevel.Warning, $"The former certificate is kept: {error.Message}");
        }
    }

    private void WarnOfEnd()
    {
        if (_now.EndsSoon(_settings.Certificate!, _time.GetUtcNow()) is { } end)
        {
            _log(LogLevel.Warning, end);
        }
    }

    private (DateTime, DateTime) Written() =>
        (
            File.GetLastWriteTimeUtc(_settings.Certificate!),
            File.GetLastWriteTimeUtc(_settings.Key ?? _settings.Certificate!)
        );
}
