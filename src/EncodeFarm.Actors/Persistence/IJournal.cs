namespace EncodeFarm.Actors.Persistence;

/// <summary>An event as the journal keeps it: a versioned type name ("segment-encoded.v1", never a CLR name) and JSON.</summary>
public readonly record struct EventData(string Type, string Json);

/// <param name="Sequence">1, 2, 3, … without gaps within one persistence id.</param>
public sealed record StoredEvent(long Sequence, DateTimeOffset At, EventData Event);

/// <param name="Sequence">Number of the last event that the snapshot contains.</param>
public sealed record StoredSnapshot(long Sequence, EventData State);

/// <summary>The events of persistent actors, each under its persistence id. Appends are durable when the task completes.</summary>
public interface IJournal
{
    /// <summary>The events after <paramref name="afterSequence"/>, oldest first.</summary>
    IAsyncEnumerable<StoredEvent> ReadAsync(
        string persistenceId,
        long afterSequence,
        CancellationToken cancellation
    );

    /// <summary>Appends all or none; the first gets the number <paramref name="expectedSequence"/> + 1.</summary>
    /// <exception cref="SequenceConflictException">The journal does not end at <paramref name="expectedSequence"/>.</exception>
    /// <exception cref="FencedException">Another writer has taken over; this process must stop deciding.</exception>
    Task AppendAsync(
        string persistenceId,
        long expectedSequence,
        IReadOnlyList<EventData> events,
        CancellationToken cancellation
    );

    /// <summary>The newest snapshot, or null.</summary>
    Task<StoredSnapshot?> LoadSnapshotAsync(string persistenceId, CancellationToken cancellation);

    /// <summary>Replaces the snapshot; the events stay.</summary>
    /// <exception cref="FencedException">Another writer has taken over.</exception>
    Task SaveSnapshotAsync(
        string persistenceId,
        StoredSnapshot snapshot,
        CancellationToken cancellation
    );
}

/// <summary>Somebody else appended under this persistence id: two writers, which must never be.</summary>
public sealed class SequenceConflictException(string persistenceId, long expected)
    : Exception(
        $"The journal of '{persistenceId}' does not end at event {expected}: somebody else has written to it."
    );

/// <summary>This process no longer holds the coordinator lease; nothing was written.</summary>
public sealed class FencedException(string message) : Exception(message);
