namespace EncodeFarm.Actors.Kernel;

/// <summary>The lasting part of an actor: its place, its mailbox and its supervision, around behaviours that come and go.</summary>
internal abstract class Cell : IActorRef, IMortal
{
    private readonly TaskCompletionSource terminated = new(
        TaskCreationOptions.RunContinuationsAsynchronously
    );

    protected Cell(ActorSystem system, Cell? parent, string path, string name)
    {
        (System, Parent, Path, Name) = (system, parent, path, name);
        Children = new Family(system, this, path);
    }

    public ActorSystem System { get; }

    public Cell? Parent { get; }

    public string Path { get; }

    public string Name { get; }

    public Family Children { get; }

    public Obituary Obituary { get; } = new();

    /// <summary>Completes when the actor has stopped for good, its name is free and its watchers are told.</summary>
    public Task Terminated => terminated.Task;

    public abstract ActorInfo Info { get; }

    /// <summary>All that was ever put into the mailbox.</summary>
    public abstract long Arrived { get; }

    /// <summary>Nothing will happen here before a message arrives or a back-off ends.</summary>
    public abstract bool Quiet { get; }

    public abstract void RequestStop();

    /// <summary>Makes a child's failure this actor's own.</summary>
    public abstract void Escalate(Exception failure);

    public override string ToString() => Path;

    protected void Bury(Action stopped)
    {
        System.Activity.BurialBegins();
        stopped();
        (Parent?.Children ?? System.User).Remove(this);
        Obituary.Publish();
        System.Activity.BurialEnds();
        terminated.SetResult();
    }
}
