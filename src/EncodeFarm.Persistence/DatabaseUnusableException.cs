namespace EncodeFarm.Persistence;

/// <summary>
/// The database can't be used until a person acts: damaged, of a newer version, not permitted.
/// The message names the database and says what to do.
/// </summary>
public sealed class DatabaseUnusableException(string message, Exception? inner = null)
    : Exception(message, inner);
