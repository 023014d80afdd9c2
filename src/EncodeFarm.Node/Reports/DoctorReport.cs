namespace EncodeFarm.Node.Reports;

/// <summary>What <c>doctor</c> found.</summary>
/// <param name="Fit">Nothing that is necessary is missing.</param>
public sealed record DoctorReport(bool Fit, IReadOnlyList<DoctorLine> Checks);

/// <param name="Name">"ffmpeg", "encoder libsvtav1", "work directory".</param>
/// <param name="Detail">A version, or what was looked at.</param>
/// <param name="Necessary">Without it nothing works; otherwise only some profiles or features don't.</param>
/// <param name="Advice">What to do; null where nothing is wrong.</param>
public sealed record DoctorLine(
    string Name,
    string? Path,
    string? Detail,
    bool Fit,
    bool Necessary,
    string? Advice
);
