using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Actors;

/// <summary>
/// An actor whose state is the sum of its journaled events. It recovers before its first message, and anew after every restart; messages that
/// arrive meanwhile wait. When an append fails, let the exception go: what the journal really holds is found out by the restart.
/// </summary>
public abstract class PersistentActor<TMessage, TState, TEvent> : Actor<TMessage>
{
    private readonly IJournal journal;
    private readonly IEventCodec<TEvent> events;
    private readonly IStateCodec<TState>? snapshots;
    private readonly int snapshotEvery;

    /// <param name="snapshots">Null for no snapshots.</param>
    /// <param name="initial">The state before the first event.</param>
    /// <param name="snapshotEvery">Events from one snapshot to the next, 1 or more.</param>
    protected PersistentActor(
        string persistenceId,
        IJournal journal,
        IEventCodec<TEvent> events,
        IStateCodec<TState>? snapshots,
        TState initial,
        int snapshotEvery = 200
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(snapshotEvery, 1);
        PersistenceId = persistenceId;
        State = initial;
        this.journal = journal;
        this.events = events;
        this.snapshots = snapshots;
        this.snapshotEvery = snapshotEvery;
    }

    public string PersistenceId { get; }

    protected TState State { get; private set; }

    /// <summary>Number of the last event in <see cref="State"/>; 0 before the first.</summary>
    protected long Sequence { get; private set; }

    /// <summary>Pure: the same in a replay years later.</summary>
    protected abstract TState Apply(TState state, TEvent @event);

    /// <summary>After the recovery, before the first message.</summary>
    protected virtual ValueTask RecoveredAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// Appends all events or none, then applies them one after another. The append is not cancelled by a stop, so that the current message ends
    /// with a known outcome.
    /// </summary>
    /// <exception cref="SequenceConflictException">Somebody else wrote under this id.</exception>
    /// <exception cref="FencedException">This process must stop deciding.</exception>
    protected async Task PersistAsync(IReadOnlyList<TEvent> events)
    {
        if (events.Count == 0)
            return;
        await journal.AppendAsync(
            PersistenceId,
            Sequence,
            [.. events.Select(this.events.Write)],
            CancellationToken.None
        );
        var before = Sequence;
        foreach (var @event in events)
            Accept(@event);
        if (before / snapshotEvery != Sequence / snapshotEvery)
            await SaveSnapshotAsync();
    }

    protected sealed override async ValueTask StartedAsync()
    {
        await LoadSnapshotAsync();
        await foreach (var stored in journal.ReadAsync(PersistenceId, Sequence, Context.Stopping))
            Replay(stored);
        await RecoveredAsync();
    }

    private void Replay(StoredEvent stored)
    {
        if (stored.Sequence != Sequence + 1)
            throw new UnreadableJournalException(
                $"The journal of '{PersistenceId}' has event {stored.Sequence} after event {Sequence}."
            );
        try
        {
            Accept(events.Read(stored.Event));
        }
        catch (Exception error)
        {
            throw UnreadableJournalException.Of(PersistenceId, stored.Sequence, error);
        }
    }

    private void Accept(TEvent @event)
    {
        State = Apply(State, @event);
        Sequence++;
    }

    private async Task LoadSnapshotAsync()
    {
        if (
            snapshots is null
            || await journal.LoadSnapshotAsync(PersistenceId, Context.Stopping) is not { } snapshot
        )
            return;
        try
        {
            State = snapshots.Read(snapshot.State);
            Sequence = snapshot.Sequence;
        }
        catch (Exception unreadable)
        {
            Context.Log(
                ActorLogLevel.Warning,
                $"The snapshot at event {snapshot.Sequence} can't be read: all events are replayed.",
                unreadable
            );
        }
    }

    private async Task SaveSnapshotAsync()
    {
        if (snapshots is null)
            return;
        try
        {
            await journal.SaveSnapshotAsync(
                PersistenceId,
                new StoredSnapshot(Sequence, snapshots.Write(State)),
                CancellationToken.None
            );
        }
        catch (Exception failure)
        {
            Context.Log(
                ActorLogLevel.Warning,
                $"No snapshot at event {Sequence}: the next recovery takes longer.",
                failure
            );
        }
    }
}
