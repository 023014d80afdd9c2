namespace EncodeFarm.Farm.Dispatch;

/// <summary>How a worker keeps its machine for others, as it says itself. Percent of all cores.</summary>
/// <param name="High">Foreign load above which it takes nothing new.</param>
/// <param name="Low">Foreign load below which it does again.</param>
/// <param name="Load">Foreign load now; null where it is not known.</param>
/// <param name="Closed">Why nothing new is taken; null where it is.</param>
public sealed record GuardState(int High, int Low, int? Load, string? Closed);
