namespace EncodeFarm.Actors.Persistence;

/// <summary>
/// The journal can't be reached now: the database is stopped, cut off, busy or out of room. Whether the write that failed
/// took place is unknown, so a writer must not repeat it blindly; it recovers (reads its events again) and then decides anew.
/// Waiting helps: an actor that fails with it is restarted with back-off for as long as it takes.
/// </summary>
public sealed class JournalUnavailableException(string message, Exception inner)
    : Exception(message, inner);
