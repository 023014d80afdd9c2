using System.Collections.Immutable;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm;

/// <summary>The newest state of everything, for those who only look: progress bars, reports, the API. Safe from any thread.</summary>
public sealed class FarmMonitor
{
    ImmutableDictionary<string, VideoState> _videos = ImmutableDictionary<string, VideoState>.Empty;
    DispatchSnapshot _dispatch = DispatchSnapshot.Empty;
    long _version;

    /// <summary>After every change, on the thread of the actor that made it; must not block.</summary>
    public event Action? Changed;

    public ImmutableDictionary<string, VideoState> Videos => Volatile.Read(ref _videos);
    public DispatchSnapshot Dispatch => Volatile.Read(ref _dispatch);

    /// <summary>Another one after every change.</summary>
    public long Version => Volatile.Read(ref _version);

    /// <summary>Completes when anything is other than at the version that was seen.</summary>
    public Task ChangedAsync(long seen, CancellationToken cancellation) =>
        UntilAsync(() => Version != seen, cancellation);

    /// <summary>Completes when the video has another state than the one that was seen.</summary>
    public Task ChangedAsync(string id, VideoState? seen, CancellationToken cancellation) =>
        UntilAsync(() => !ReferenceEquals(Videos.GetValueOrDefault(id), seen), cancellation);

    /// <summary>Completes when the condition holds, which is looked at now and after every change.</summary>
    public async Task UntilAsync(Func<bool> isSo, CancellationToken cancellation)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (isSo())
            {
                changed.TrySetResult();
            }
        }
        Changed += Look;
        try
        {
            Look();
            await changed.Task.WaitAsync(cancellation);
        }
        finally
        {
            Changed -= Look;
        }
    }

    public void Update(string id, VideoState state)
    {
        ImmutableInterlocked.AddOrUpdate(ref _videos, id, state, (_, _) => state);
        Announce();
    }

    /// <summary>Forgets a video that is no longer in memory.</summary>
    public void Remove(string id)
    {
        ImmutableInterlocked.TryRemove(ref _videos, id, out _);
        Announce();
    }

    public void Update(DispatchSnapshot dispatch)
    {
        Volatile.Write(ref _dispatch, dispatch);
        Announce();
    }

    void Announce()
    {
        Interlocked.Increment(ref _version);
        Changed?.Invoke();
    }
}
