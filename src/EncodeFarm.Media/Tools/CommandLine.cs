using System.Buffers;

namespace EncodeFarm.Media.Tools;

/// <summary>Shows a command to people. Nothing is ever run from this text.</summary>
public static class CommandLine
{
    private static readonly SearchValues<char> Plain = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,+@%"
    );

    /// <summary>The program and its arguments, quoted so that they can be pasted into a POSIX shell.</summary>
    public static string Describe(ToolCommand command) =>
        string.Join(' ', command.Arguments.Prepend(command.Program).Select(Quote));

    private static string Quote(string argument) =>
        argument.Length > 0 && !argument.AsSpan().ContainsAnyExcept(Plain)
            ? argument
            : $"'{argument.Replace("'", @"'\''")}'";
}
