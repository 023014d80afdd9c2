namespace EncodeFarm.Actors;

public enum ActorLogLevel
{
    Warning,
    Error,
}

/// <param name="Path">The actor that it is about.</param>
public sealed record ActorLog(ActorLogLevel Level, string Path, string Text, Exception? Error);
