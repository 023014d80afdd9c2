using EncodeFarm.Actors;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Farm.Videos;
using EncodeFarm.Farm.Wire;

namespace EncodeFarm.Farm.Work;

public abstract record CourierMessage
{
    /// <summary>Now, whenever it was last.</summary>
    public sealed record Again : CourierMessage;

    public sealed record Stored : CourierMessage;

    public sealed record Gone : CourierMessage;

    public sealed record Published : CourierMessage;

    public sealed record Failed(Exception Error) : CourierMessage;
}

/// <summary>
/// Brings one kept result home: its file into the store, then its record to the coordinator, and that again and again
/// until the worker hears that it is recorded and stops the courier. Waiting for a store or a broker that is away
/// costs neither a slot nor the worker's attention. Where the file is no longer what was encoded, the worker is told: no
/// waiting would mend that, and as long as it lists the result nobody encodes the segment again.
/// </summary>
public sealed class CourierActor(
    AttemptResult result,
    KeptResults kept,
    IFarmTransport transport,
    IArtifactStore store,
    IActorRef<WorkerMessage> worker
) : Actor<CourierMessage>
{
    static readonly TimeSpan PublishAgain = TimeSpan.FromSeconds(5);
    static readonly TimeSpan MinBackoff = TimeSpan.FromSeconds(1);
    static readonly TimeSpan MaxBackoff = TimeSpan.FromSeconds(10);

    int _failures;
    bool _stored;
    bool _busy;

    /// <summary>Told to publish while it did: that may have gone to a coordinator that is lost.</summary>
    bool _again;

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
            case CourierMessage.Again:
                _again = true;
                break;
            case CourierMessage.Stored:
                (_stored, _failures) = (true, 0);
                Publish();
                break;
            case CourierMessage.Gone:
                worker.Tell(new ResultGone(result.Attempt));
                break;
            case CourierMessage.Published when _again:
                _again = false;
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
            stored => stored ? new CourierMessage.Stored() : new CourierMessage.Gone(),
            error => new CourierMessage.Failed(error)
        );

    void Publish() =>
        Context.Pipe<bool>(
            PublishAsync(),
            _ => new CourierMessage.Published(),
            error => new CourierMessage.Failed(error)
        );

    /// <summary>An earlier process may have stored it already.</summary>
    /// <returns>False: there is nothing to store any more.</returns>
    async Task<bool> StoreAsync()
    {
        if (result.Outcome is not AttemptOutcome.Encoded { Artifact: var artifact })
        {
            return true;
        }
        var stop = Context.Stopping;
        if (await store.FindAsync(artifact.Name, stop) == artifact.Length)
        {
            return true;
        }
        var path = kept.FileOf(result.Video, result.Attempt);
        if (!await ContentHash.FitsAsync(artifact, path, stop))
        {
            return false;
        }
        await store.PutAsync(artifact, path, stop);
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
