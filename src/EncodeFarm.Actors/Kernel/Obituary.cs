namespace EncodeFarm.Actors.Kernel;

internal interface IMourner
{
    void Terminated();
}

/// <summary>Something that can be watched.</summary>
internal interface IMortal
{
    Obituary Obituary { get; }
}

/// <summary>Tells each mourner once, whether it came before the end or after.</summary>
internal sealed class Obituary
{
    private readonly HashSet<IMourner> mourners = [];
    private bool published;

    public void Add(IMourner mourner)
    {
        lock (mourners)
        {
            if (!published)
            {
                mourners.Add(mourner);
                return;
            }
        }
        mourner.Terminated();
    }

    public void Remove(IMourner mourner)
    {
        lock (mourners)
            mourners.Remove(mourner);
    }

    public void Publish()
    {
        IMourner[] told;
        lock (mourners)
        {
            published = true;
            told = [.. mourners];
            mourners.Clear();
        }
        foreach (var mourner in told)
            mourner.Terminated();
    }
}
