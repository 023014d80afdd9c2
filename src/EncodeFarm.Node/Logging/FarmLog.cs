using System.Text.Encodings.Web;
using System.Text.Json;
using EncodeFarm.Node.Configuration;

namespace EncodeFarm.Node.Logging;

/// <summary>Messages of this process: sentences with a mark, or one JSON object a line.</summary>
/// <param name="write">Gets whole lines without their end; may be called from any thread.</param>
public sealed class FarmLog(
    Action<string> write,
    LogFormat format,
    LogLevel least,
    bool color,
    TimeProvider time
)
{
    private static readonly JsonWriterOptions JsonOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Gets every message too, whatever its level: the log that is kept in memory.</summary>
    public Action<LogLevel, string>? Also { get; init; }

    public void Info(string message) => Write(LogLevel.Info, message);

    /// <param name="job">Id of the job that it is about.</param>
    public void Write(LogLevel level, string message, string? job = null)
    {
        Also?.Invoke(level, message);
        if (level < least)
        {
            return;
        }
        write(format == LogFormat.Json ? Json(level, message, job) : Marked(level, message));
    }

    private string Marked(LogLevel level, string message)
    {
        var (mark, paint) = level switch
        {
            LogLevel.Warning => ("⚠ ", 33),
            LogLevel.Error => ("✗ ", 31),
            _ => ("  ", 0),
        };
        return color && paint != 0 ? $"\u001b[{paint}m{mark}\u001b[0m{message}" : mark + message;
    }

    private string Json(LogLevel level, string message, string? job)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, JsonOptions))
        {
            json.WriteStartObject();
            json.WriteString("at", time.GetUtcNow());
            json.WriteString("level", level.ToString().ToLowerInvariant());
            if (job is not null)
            {
                json.WriteString("job", job);
            }
            json.WriteString("message", message);
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
