using EncodeFarm.Actors;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Work;

public abstract record CourierMessage
{
    public sealed record Again : CourierMessage;

    public sealed record Stored : CourierMessage;

    public sealed record Published : CourierMessage;

    public sealed record Failed(Exception Error) : CourierMessage;
}

/// <summary>
/// Brings one kept result home: its file into the store, then its record to the coordinator, and that again and again
/// until the worker hears that it is recorded and stops the courier. Waiting for a store or a broker that is away
/// costs neither a slot nor the worker's attention.
/// </summary>
public sealed class CourierActor(
    AttemptResult result,
    KeptResults kept,
    IFarmTransport transport,
    IArtifactStore store
) : Actor<CourierMessage>
{
    static readonly TimeSpan PublishAgain = TimeSpan.FromSeconds(5);
    static readonly TimeSpan MinBackoff = TimeSpan.FromSeconds(1);
    static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(10);

    int _failures;
    bool _stored;
    bool _busy;

    protected override ValueTask StartedAsync()
    {
        Context.Self.Tell(new CourierMessage.Again());
        return ValueTask.CompletedTask;
    }

    protected override ValueTask ReceiveAsync(CourierMessage message)
    {
        switch (message)
        {
            case CourierMessage.Again when !_busy:
                _busy = true;
                if (_stored)
                {
                    Publish();
                }
                else
                {
                    Store();
                }
                break;
            case CourierMessage.Stored:
                (_stored, _failures) = (true, 0);
                Publish();
                break;
            case CourierMessage.Published:
                Later(PublishAgain);
                break;
            case CourierMessage.Failed failed:
                Context.Log(
                    ActorLogLevel.Warning,
                    $"The result of attempt {result.Attempt} can't be handed over yet: {failed.Error.Message}"
                );
                Later(Backoff.Delay(_failures++, MinBackoff, MaxBackoff, 0.2, Random.Shared));
                break;
        }
        return ValueTask.CompletedTask;
    }

    void Later(TimeSpan delay)
    {
        _busy = false;
        Context.StartTimer("again", delay, new CourierMessage.Again());
    }

    void Store() =>
        Context.Pipe<bool>(
            StoreAsync(),
            _ => new CourierMessage.Stored(),
            error => new CourierMessage.Failed(error)
        );

    void Publish() =>
        Context.Pipe<bool>(
            PublishAsync(),
            _ => new CourierMessage.Published(),
            error => new CourierMessage.Failed(error)
        );

    /// <summary>An earlier process may have stored it already.</summary>
    async Task<bool> StoreAsync()
    {
        if (result.Outcome is not AttemptOutcome.Encoded { Artifact: var artifact })
        {
            return true;
        }
        var stop = Context.Stopping;
        if (await store.FindAsync(artifact.Name, stop) != artifact.Length)
        {
            await store.PutAsync(
                new StoredArtifact(artifact.Name, artifact.Length, artifact.Sha256),
                kept.FileOf(result.Video, result.Attempt),
                stop
            );
        }
        return true;
    }

    async Task<bool> PublishAsync()
    {
        await transport.PublishResultAsync(
            FarmCodecs.Wire.Seal(new ResultMessage(result)),
            Context.Stopping
        );
        return true;
    }
}
