using EncodeFarm.Actors;
using EncodeFarm.Actors.Persistence;

namespace EncodeFarm.Farm.Coordination;

public abstract record IndexMessage
{
    public sealed record Save(JobEntry Entry) : IndexMessage;

    public sealed record Saved(JobEntry Entry) : IndexMessage;

    public sealed record Failed(Exception Error) : IndexMessage;

    public sealed record Again : IndexMessage;
}

/// <summary>Keeps the list of jobs up to date behind the journal: of each job only its newest entry, one write at a time.</summary>
public sealed class IndexActor(IJobIndex index) : Actor<IndexMessage>
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    readonly Dictionary<string, JobEntry> _pending = [];
    readonly Dictionary<string, JobEntry> _saved = [];
    bool _busy;

    protected override ValueTask ReceiveAsync(IndexMessage message)
    {
        switch (message)
        {
            case IndexMessage.Save save when IsNews(save.Entry):
                _pending[save.Entry.Id] = save.Entry;
                break;
            case IndexMessage.Saved saved:
                _saved[saved.Entry.Id] = saved.Entry;
                _busy = false;
                break;
            case IndexMessage.Failed { Error: FencedException }:
                Context.StopSelf();
                return ValueTask.CompletedTask;
            case IndexMessage.Failed failed:
                Context.Log(
                    ActorLogLevel.Warning,
                    $"The list of jobs can't be written yet: {failed.Error.Message}"
                );
                Context.StartTimer("again", Pause, new IndexMessage.Again());
                return ValueTask.CompletedTask;
            case IndexMessage.Again:
                _busy = false;
                break;
        }
        WriteNext();
        return ValueTask.CompletedTask;
    }

    /// <summary>Single segments are not worth a write: the running coordinator knows them anyway.</summary>
    bool IsNews(JobEntry entry)
    {
        var known = _pending.GetValueOrDefault(entry.Id) ?? _saved.GetValueOrDefault(entry.Id);
        return known is null
            || known with
            {
                SegmentsDone = entry.SegmentsDone,
                Destinations = entry.Destinations,
            } != entry;
    }

    void WriteNext()
    {
        if (_busy || _pending.Count == 0)
        {
            return;
        }
        var (id, entry) = _pending.First();
        _pending.Remove(id);
        _busy = true;
        Context.Pipe(
            SaveAsync(entry),
            saved => (IndexMessage)new IndexMessage.Saved(saved),
            error =>
            {
                _pending.TryAdd(id, entry);
                return new IndexMessage.Failed(error);
            }
        );
    }

    async Task<JobEntry> SaveAsync(JobEntry entry)
    {
        await index.SaveAsync(entry, Context.Stopping);
        return entry;
    }
}
