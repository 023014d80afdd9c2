using System.Buffers;
using EncodeFarm.Media.Encode;
using EncodeFarm.Media.Model;

namespace EncodeFarm.Media.Mux;

/// <summary>Joins IVF files; frame n gets the timestamp n.</summary>
internal sealed class IvfJoin(
    Stream output,
    Rational frameRate,
    int totalFrames,
    PayloadLog payloads
) : ISegmentJoin
{
    private readonly IvfWriter _writer = new(output);
    private readonly ArrayBufferWriter<byte> _stored = new();
    private readonly DecoderSettings _settings = new("sequence header");
    private IvfHeader _header;

    public int Append(int index, Stream segment, string name)
    {
        using var reader = new IvfReader(segment, name);
        StartOrCompare(index, reader.Header);
        var frames = 0;
        while (reader.TryRead(out var frame))
        {
            AppendFrame(index, frames++, frame.Payload.Span);
        }
        return frames;
    }

    private void StartOrCompare(int index, IvfHeader header)
    {
        if (index == 0)
        {
            _header = header with
            {
                RateNumerator = (uint)frameRate.Numerator,
                RateDenominator = (uint)frameRate.Denominator,
                Frames = (uint)totalFrames,
            };
            _writer.WriteHeader(_header);
            return;
        }
        if (
            (header.FourCc, header.Width, header.Height)
            != (_header.FourCc, _header.Width, _header.Height)
        )
        {
            throw new SegmentDamagedException(
                index,
                $"it is {header.FourCc} of {header.Width}x{header.Height}, and the first one is "
                    + $"{_header.FourCc} of {_header.Width}x{_header.Height}"
            );
        }
    }

    private void AppendFrame(int index, int frame, ReadOnlySpan<byte> payload)
    {
        _stored.ResetWrittenCount();
        if (_header.FourCc == "AV01")
        {
            if (frame == 0)
            {
                _settings.Compare(index, Av1Obus.SequenceHeader(payload));
            }
            Av1Obus.WriteStored(payload, _stored);
        }
        else
        {
            _stored.Write(payload);
        }
        _writer.WriteFrame((ulong)payloads.Hashes.Count, payload);
        payloads.Add(_stored.WrittenSpan);
    }
}
