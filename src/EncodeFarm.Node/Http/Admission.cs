namespace EncodeFarm.Node.Http;

/// <summary>How many may be inside at once; the next one is turned away at once instead of waiting.</summary>
public sealed class Admission(int places)
{
    private int _free = places;

    /// <summary>Null where all places are taken.</summary>
    public IDisposable? Enter()
    {
        if (Interlocked.Decrement(ref _free) >= 0)
        {
            return new Place(this);
        }
        Interlocked.Increment(ref _free);
        return null;
    }

    private sealed class Place(Admission admission) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                Interlocked.Increment(ref admission._free);
            }
        }
    }
}
