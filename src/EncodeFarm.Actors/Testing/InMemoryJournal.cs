using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Actors.Testing;

/// <summary>A journal for tests and simulations: as strict as a real one, and as durable as the process.</summary>
public sealed class InMemoryJournal(TimeProvider? time = null) : IJournal
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, List<StoredEvent>> events = [];
    private readonly ConcurrentDictionary<string, StoredSnapshot> snapshots = [];

    /// <summary>All events of one persistence id, oldest first.</summary>
    public IReadOnlyList<StoredEvent> EventsOf(string persistenceId)
    {
        lock (gate)
            return [.. events.GetValueOrDefault(persistenceId, [])];
    }

    public async IAsyncEnumerable<StoredEvent> ReadAsync(
        string persistenceId,
        long afterSequence,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        await Task.Yield();
        foreach (var stored in EventsOf(persistenceId).Skip((int)afterSequence))
        {
            cancellation.ThrowIfCancellationRequested();
            yield return stored;
        }
    }

    public async Task AppendAsync(
        string persistenceId,
        long expectedSequence,
        IReadOnlyList<EventData> events,
        CancellationToken cancellation
    )
    {
        await Task.Yield();
        cancellation.ThrowIfCancellationRequested();
        lock (gate)
        {
            if (!this.events.TryGetValue(persistenceId, out var stored))
                this.events.Add(persistenceId, stored = []);
            if (stored.Count != expectedSequence)
                throw new SequenceConflictException(persistenceId, expectedSequence);
            var now = (time ?? TimeProvider.System).GetUtcNow();
            foreach (var data in events)
                stored.Add(new StoredEvent(stored.Count + 1, now, data));
        }
    }

    public Task<StoredSnapshot?> LoadSnapshotAsync(
        string persistenceId,
        CancellationToken cancellation
    ) => Task.FromResult(snapshots.GetValueOrDefault(persistenceId));

    public Task SaveSnapshotAsync(
        string persistenceId,
        StoredSnapshot snapshot,
        CancellationToken cancellation
    )
    {
        snapshots[persistenceId] = snapshot;
        return Task.CompletedTask;
    }
}
