namespace EncodeFarm.Actors.Persistence;

/// <summary>
/// What the journal holds under an id can't be read by this program: a newer version has written it, or it is damaged.
/// Waiting does not help: an actor that fails with it stops for good.
/// </summary>
public sealed class UnreadableJournalException(string message, Exception? inner = null)
    : Exception(message, inner)
{
    public static UnreadableJournalException Of(
        string persistenceId,
        long sequence,
        Exception error
    ) => new($"Event {sequence} of '{persistenceId}' can't be read: {error.Message}", error);
}
