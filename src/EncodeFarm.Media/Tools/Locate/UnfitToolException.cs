namespace EncodeFarm.Media.Tools.Locate;

/// <summary>A tool that answers, but not with what is needed.</summary>
internal sealed class UnfitToolException(string message) : Exception(message);
