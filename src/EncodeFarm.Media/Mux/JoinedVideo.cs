namespace EncodeFarm.Media.Mux;

/// <summary>An encoded segment that was accepted, and what its record says of it.</summary>
/// <param name="Sha256">Lower-case hex.</param>
/// <param name="Frames">Frames that the plan gives to it.</param>
public sealed record JoinInput(string Path, long SizeBytes, string Sha256, int Frames);

/// <summary>All segments of a rendition as one elementary stream.</summary>
/// <param name="VideoSha256">
/// SHA-256, lower-case hex, over the frames' payloads, in the order of decoding, as Matroska and MP4 store them: without
/// delimiters, and in H.264 and H.265 with lengths instead of start codes. It names the encoded video, whatever file it is in.
/// </param>
/// <param name="PacketHashes">MD5 of each frame's payload, as above. The delivered file is compared with them.</param>
/// <param name="SegmentFrames">Frames of each segment, to name the segment that a frame belongs to.</param>
public sealed record JoinedVideo(
    string Path,
    long SizeBytes,
    int Frames,
    string VideoSha256,
    IReadOnlyList<UInt128> PacketHashes,
    IReadOnlyList<int> SegmentFrames
);

/// <summary>A segment's file is not what was accepted; only this segment has to be made again.</summary>
/// <param name="index">Its place in the list that was to be joined, from 0.</param>
/// <param name="reason">What is wrong, for people.</param>
public sealed class SegmentDamagedException(int index, string reason, Exception? inner = null)
    : Exception($"Segment {index} is damaged: {reason}.", inner)
{
    public int Index { get; } = index;
    public string Reason { get; } = reason;
}
