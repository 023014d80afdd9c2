using System.Collections.Immutable;
using EncodeFarm.Farm.Dispatch;
using EncodeFarm.Farm.Videos;

namespace EncodeFarm.Farm;

/// <summary>The newest state of everything, for those who only look: progress bars, reports, the API. Safe from any thread.</summary>
public sealed class FarmMonitor
{
    ImmutableDictionary<string, VideoState> _videos = ImmutableDictionary<string, VideoState>.Empty;
    DispatchSnapshot _dispatch = DispatchSnapshot.Empty;

    /// <summary>After every change, on the thread of the actor that made it; must not block.</summary>
    public event Action? Changed;

    public ImmutableDictionary<string, VideoState> Videos => Volatile.Read(ref _videos);
    public DispatchSnapshot Dispatch => Volatile.Read(ref _dispatch);

    /// <summary>Completes when the video has another state than the one that was seen.</summary>
    public async Task ChangedAsync(string id, VideoState? seen, CancellationToken cancellation)
    {
        var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (!ReferenceEquals(Videos.GetValueOrDefault(id), seen))
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
        Changed?.Invoke();
    }

    public void Update(DispatchSnapshot dispatch)
    {
        Volatile.Write(ref _dispatch, dispatch);
        Changed?.Invoke();
    }
}
