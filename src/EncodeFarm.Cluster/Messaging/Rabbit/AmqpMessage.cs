using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EncodeFarm.Cluster.Messaging.Rabbit;

/// <summary>An envelope as an AMQP message: its name is the type, its JSON the body.</summary>
static class AmqpMessage
{
    /// <summary>Header of an answer that is an error: the words.</summary>
    const string ErrorHeader = "farm-error";
    const string ReasonHeader = "farm-reason";
    const string QueueHeader = "farm-queue";

    static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    public static byte[] Body(Envelope message) => Utf8.GetBytes(message.Json);

    public static BasicProperties Properties(Envelope message, bool persistent = false) =>
        new()
        {
            Type = message.Type,
            ContentType = "application/json",
            MessageId = Guid.NewGuid().ToString("n"),
            Persistent = persistent,
        };

    public static void SetLife(this BasicProperties properties, TimeSpan life) =>
        properties.Expiration = life.TotalMilliseconds.ToString("0");

    public static void SetError(this BasicProperties properties, string words) =>
        properties.Headers = new Dictionary<string, object?>
        {
            [ErrorHeader] = Encoding.UTF8.GetBytes(words),
        };

    public static string? Error(IReadOnlyBasicProperties properties) =>
        properties.Headers?.TryGetValue(ErrorHeader, out var words) == true && words is byte[] bytes
            ? Encoding.UTF8.GetString(bytes)
            : null;

    /// <summary>The message as it came, with the reason why it was put aside.</summary>
    public static BasicProperties Parked(BasicDeliverEventArgs delivery, string reason) =>
        new(delivery.BasicProperties)
        {
            Expiration = null,
            Persistent = true,
            Headers = new Dictionary<string, object?>
            {
                [ReasonHeader] = Encoding.UTF8.GetBytes(reason),
                [QueueHeader] = delivery.RoutingKey,
            },
        };

    /// <summary>Whether it is an envelope: it has a type, and its body is JSON in UTF-8.</summary>
    public static bool TryRead(
        BasicDeliverEventArgs delivery,
        [NotNullWhen(true)] out Envelope? message,
        [NotNullWhen(false)] out string? problem
    )
    {
        (message, problem) = (null, null);
        if (string.IsNullOrEmpty(delivery.BasicProperties.Type))
        {
            problem = "It has no type.";
            return false;
        }
        try
        {
            var reader = new Utf8JsonReader(delivery.Body.Span);
            while (reader.Read()) { }
            message = new(delivery.BasicProperties.Type, Utf8.GetString(delivery.Body.Span));
            return true;
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            problem = $"Its body is not JSON: {error.Message}";
            return false;
        }
    }
}
