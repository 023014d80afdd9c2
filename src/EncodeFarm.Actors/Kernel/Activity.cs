namespace EncodeFarm.Actors.Kernel;

/// <summary>Answers "is everybody quiet?" without stopping anybody; costs a running system next to nothing.</summary>
internal sealed class Activity
{
    private long changes;
    private int burials;

    public void Spawned() => Interlocked.Increment(ref changes);

    public void BurialBegins() => Interlocked.Increment(ref burials);

    public void BurialEnds()
    {
        Interlocked.Increment(ref changes);
        Interlocked.Decrement(ref burials);
    }

    /// <summary>
    /// An actor becomes busy only by an arrival. So when each was seen quiet at some time during the look, and in all that time nothing arrived, was
    /// spawned or was buried, then all were quiet together.
    /// </summary>
    public bool IsQuiet(Func<IReadOnlyList<Cell>> everybody)
    {
        var before = Interlocked.Read(ref changes);
        if (Volatile.Read(ref burials) != 0)
            return false;
        var cells = everybody();
        var arrived = cells.Sum(cell => cell.Arrived);
        return cells.All(cell => cell.Quiet)
            && cells.Sum(cell => cell.Arrived) == arrived
            && Volatile.Read(ref burials) == 0
            && Interlocked.Read(ref changes) == before;
    }
}
