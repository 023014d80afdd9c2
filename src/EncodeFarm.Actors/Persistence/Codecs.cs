namespace EncodeFarm.Actors.Persistence;

/// <summary>Between an event and what the journal keeps. What was written once must be readable for ever.</summary>
public interface IEventCodec<TEvent>
{
    EventData Write(TEvent @event);

    TEvent Read(EventData data);
}

/// <summary>Between a state and its snapshot. It may refuse (throw on) snapshots of an older form: the events are then replayed.</summary>
public interface IStateCodec<TState>
{
    EventData Write(TState state);

    TState Read(EventData data);
}
