using EncodeFarm.Actors;

namespace EncodeFarm.Farm.Videos;

public abstract record VideosMessage;

/// <summary>For one video; it is started when it is not running yet.</summary>
public sealed record ToVideo(string Video, VideoMessage Message) : VideosMessage;

/// <summary>For all that run.</summary>
public sealed record ToAllVideos(VideoMessage Message) : VideosMessage;

/// <summary>A video is over, and may rest.</summary>
public sealed record Passivate(string Video) : VideosMessage;

/// <summary>It could not rest: something had been asked of it meanwhile.</summary>
public sealed record StayedAwake(string Video) : VideosMessage;

/// <summary>Its actor has ended; its journal stays.</summary>
public sealed record Resting(string Video) : VideosMessage;

/// <summary>Supervises the videos, one persistent actor each, and finds them by id.</summary>
/// <param name="options">Makes the options of a video from its id.</param>
/// <param name="rested">Called with a video whose actor has ended because its job was over.</param>
public sealed class VideosActor(Func<string, VideoOptions> options, Action<string> rested)
    : Actor<VideosMessage>
{
    readonly Dictionary<string, IActorRef<VideoMessage>> _videos = [];

    /// <summary>What is told to videos that are going to rest: it waits until they have ended, and wakes them again.</summary>
    readonly Dictionary<string, List<VideoMessage>> _waiting = [];

    protected override ValueTask ReceiveAsync(VideosMessage message)
    {
        switch (message)
        {
            case ToVideo to:
                Tell(to.Video, to.Message);
                break;
            case ToAllVideos all:
                foreach (var id in _videos.Keys)
                {
                    Tell(id, all.Message);
                }
                break;
            case Passivate(var id)
                when _videos.TryGetValue(id, out var video) && _waiting.TryAdd(id, []):
                Context.Watch(video, new Resting(id));
                video.Tell(new Rest());
                break;
            case StayedAwake(var id) when _videos.TryGetValue(id, out var video):
                Context.Unwatch(video);
                Deliver(id);
                break;
            case Resting(var id):
                _videos.Remove(id);
                rested(id);
                Deliver(id);
                break;
        }
        return ValueTask.CompletedTask;
    }

    void Tell(string id, VideoMessage message)
    {
        if (_waiting.TryGetValue(id, out var waiting))
        {
            waiting.Add(message);
        }
        else
        {
            Find(id).Tell(message);
        }
    }

    void Deliver(string id)
    {
        _waiting.Remove(id, out var waiting);
        foreach (var message in waiting ?? [])
        {
            Find(id).Tell(message);
        }
    }

    IActorRef<VideoMessage> Find(string id)
    {
        if (_videos.TryGetValue(id, out var known))
        {
            return known;
        }
        var video = Context.Spawn(id, () => new VideoActor(options(id), Context.Self));
        _videos[id] = video;
        return video;
    }
}
