namespace EncodeFarm.Actors.Kernel;

/// <summary>The actors below one path.</summary>
internal sealed class Family(ActorSystem system, Cell? parent, string path)
{
    private readonly Dictionary<string, Cell> members = [];
    private bool closed;

    public IReadOnlyList<Cell> Members
    {
        get
        {
            lock (members)
                return [.. members.Values];
        }
    }

    public Cell<C> Spawn<C>(string name, Func<Actor<C>> factory, Supervision? supervision)
    {
        ArgumentNullException.ThrowIfNull(factory);
        if (string.IsNullOrEmpty(name) || name.Contains('/'))
            throw new ArgumentException(
                $"'{name}' can't be an actor's name: it must not be empty and have no slash.",
                nameof(name)
            );
        supervision ??= Supervision.Default;
        supervision.Validate();
        var cell = new Cell<C>(system, parent, $"{path}/{name}", name, factory, supervision);
        lock (members)
        {
            if (closed)
                throw new InvalidOperationException(
                    $"{path} is shut down: it can't spawn '{name}' any more."
                );
            if (!members.TryAdd(name, cell))
                throw new InvalidOperationException(
                    $"{path}/{name} exists already, or is still stopping."
                );
        }
        system.Activity.Spawned();
        cell.Start();
        return cell;
    }

    public void Remove(Cell cell)
    {
        lock (members)
            members.Remove(cell.Name);
    }

    public void Close()
    {
        lock (members)
            closed = true;
    }

    public Task StopAllAsync()
    {
        var all = Members;
        foreach (var cell in all)
            cell.RequestStop();
        return Task.WhenAll(all.Select(cell => cell.Terminated));
    }
}
