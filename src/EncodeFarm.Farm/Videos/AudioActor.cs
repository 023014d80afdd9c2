namespace EncodeFarm.Farm.Videos;

/// <summary>Encodes one audio track, whole, beside the video.</summary>
public sealed class AudioActor(TaskContext task, TaskId id) : LongTask(task, id)
{
    protected override async Task<VideoInput?> WorkAsync(CancellationToken cancellation)
    {
        var audio = await Job.Media.EncodeAudioAsync(
            Job.State,
            Id.A,
            Id.B,
            Job.Directory,
            cancellation
        );
        return new AudioMade(Id.A, Id.B, audio);
    }
}
