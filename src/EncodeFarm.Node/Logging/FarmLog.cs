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

    public void Debug(string message, string? job = null) =>
        Write(LogLevel.Debug, "  ", 90, message, job);

    public void Info(string message, string? job = null) =>
        Write(LogLevel.Info, "  ", null, message, job);

    public void Done(string message, string? job = null) =>
        Write(LogLevel.Info, "✓ ", 32, message, job);

    public void Warning(string message, string? job = null) =>
        Write(LogLevel.Warning, "⚠ ", 33, message, job);

    public void Error(string message, string? job = null) =>
        Write(LogLevel.Error, "✗ ", 31, message, job);

    private void Write(LogLevel level, string mark, int? paint, string message, string? job)
    {
        if (level < least)
        {
            return;
        }
        if (format == LogFormat.Json)
        {
            write(Json(level, message, job));
        }
        else
        {
            write(
                color && paint is { } code
                    ? $"\u001b[{code}m{mark}\u001b[0m{message}"
                    : mark + message
            );
        }
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
