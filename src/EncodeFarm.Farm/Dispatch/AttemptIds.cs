namespace EncodeFarm.Farm.Dispatch;

/// <summary>
/// Numbers a coordinator's attempts. It outlives the dispatcher: one that its supervisor has restarted must not give a
/// running attempt's id away again.
/// </summary>
/// <param name="epoch">Of the coordinator; part of every attempt's id and of every command.</param>
public sealed class AttemptIds(long epoch)
{
    long _last;

    public long Epoch => epoch;

    /// <returns>"epoch-number".</returns>
    public string Next() => $"{epoch}-{Interlocked.Increment(ref _last)}";
}
