using System.Text.Json.Nodes;
using EncodeFarm.Media.Model;
using EncodeFarm.Media.Profiles;
using EncodeFarm.Media.Tools;

namespace EncodeFarm.Media.Mux;

/// <summary>What mkvmerge is asked, and what it does.</summary>
internal sealed class Mkvmerge(ToolSet tools, IToolRunner runner)
{
    private const string WarningMark = "#GUI#warning ";
    private const string ErrorMark = "#GUI#error ";

    /// <summary>
    /// The audio files all have the same track UID, for equal bytes in every run; mkvmerge gives them new ones, says
    /// so, and nobody needs to know.
    /// </summary>
    private const string UidNotice = "Could not keep a track's UID";

    /// <summary>Reads the headers of a file.</summary>
    /// <exception cref="FarmException">mkvmerge can't read it.</exception>
    public async Task<MkvIdentification> IdentifyAsync(
        string path,
        WorkKind kind,
        CancellationToken cancellation
    )
    {
        var command = new ToolCommand(
            tools.Mkvmerge.Path,
            ["--identification-format", "json", "--identify", path],
            kind
        )
        {
            GoodExitCodes = [0, 1],
        };
        var result = await runner.RunAsync(command, cancellation);
        try
        {
            return MkvIdentification.Parse(result.Output);
        }
        catch (InvalidDataException exception)
        {
            throw new FarmException(
                FarmError.BadInput,
                $"{path} can't be read by mkvmerge.",
                "Check that the file is complete.",
                exception
            );
        }
    }

    /// <summary>What goes along with the encoded streams of a source.</summary>
    public async Task<CarryPlan> PlanAsync(
        SourceAnalysis analysis,
        WorkKind kind,
        CancellationToken cancellation
    ) =>
        CarryPlan.IsMatroska(analysis)
            ? CarryPlan.Make(
                analysis,
                await IdentifyAsync(analysis.Source.Path, kind, cancellation),
                languages: new HashSet<string>()
            )
            : CarryPlan.Make(analysis, source: null, await LanguagesAsync(kind, cancellation));

    /// <summary>The same as far as a container can hold it.</summary>
    public async Task<CarryPlan> PlanAsync(
        SourceAnalysis analysis,
        Container container,
        WorkKind kind,
        CancellationToken cancellation
    )
    {
        var plan = await PlanAsync(analysis, kind, cancellation);
        return container switch
        {
            Container.Mp4 => plan.ForMp4(await Iso639Async(kind, cancellation)),
            Container.WebM => plan.ForWebM(),
            _ => plan,
        };
    }

    /// <summary>Every ISO 639 code that it accepts.</summary>
    private async Task<IReadOnlySet<string>> LanguagesAsync(
        WorkKind kind,
        CancellationToken cancellation
    ) =>
        (await LanguageRowsAsync(kind, cancellation))
            .SelectMany(codes => codes)
            .Where(code => code.Length > 0)
            .ToHashSet();

    /// <summary>The code of ISO 639-2 by any code of the same language, itself among them.</summary>
    public async Task<IReadOnlyDictionary<string, string>> Iso639Async(
        WorkKind kind,
        CancellationToken cancellation
    ) =>
        (await LanguageRowsAsync(kind, cancellation))
            .Where(codes => codes.Length > 1 && codes[1].Length > 0)
            .SelectMany(codes =>
                codes.Where(code => code.Length > 0).Select(code => (code, codes[1]))
            )
            .DistinctBy(pair => pair.code)
            .ToDictionary();

    /// <summary>Codes of ISO 639-3, 639-2 and 639-1 for each language, empty where there is none.</summary>
    private async Task<IEnumerable<string[]>> LanguageRowsAsync(
        WorkKind kind,
        CancellationToken cancellation
    )
    {
        var command = new ToolCommand(tools.Mkvmerge.Path, ["--list-languages"], kind);
        var result = await runner.RunAsync(command, cancellation);
        return result
            .Output.Split('\n')
            .Skip(2)
            .Select(line => line.Split('|').Skip(1).Select(code => code.Trim()).ToArray());
    }

    /// <summary>Runs the command line; warnings are returned.</summary>
    /// <param name="helpers">A directory for small files, which the caller removes.</param>
    /// <exception cref="FarmException">The disk is full.</exception>
    /// <exception cref="ToolFailedException">mkvmerge gave an error.</exception>
    public async Task<IReadOnlyList<string>> MergeAsync(
        IReadOnlyList<string> arguments,
        string helpers,
        Func<FarmException> diskFull,
        Action<double>? progress,
        CancellationToken cancellation
    )
    {
        var warnings = new List<string>();
        var errors = new List<string>();
        var literal = await LiteralAsync(arguments, helpers, cancellation);
        var command = new ToolCommand(tools.Mkvmerge.Path, literal, WorkKind.Mux)
        {
            GoodExitCodes = [0, 1],
            OnOutputLine = line => Take(line, warnings, errors, progress),
        };
        try
        {
            await runner.RunAsync(command, cancellation);
            return warnings;
        }
        catch (ToolFailedException exception)
            when (exception.Kind == ToolFailureKind.DiskFull || errors.Any(SaysDiskFull))
        {
            throw diskFull();
        }
        catch (ToolFailedException exception) when (errors.Count > 0)
        {
            throw new ToolFailedException(
                exception.Command,
                exception.Kind,
                exception.ExitCode,
                $"mkvmerge failed: {errors[0]}",
                string.Join('\n', errors),
                exception.CpuSeconds
            );
        }
    }

    /// <summary>
    /// mkvmerge takes an argument that begins with "@" for a file with options. A title or a name from a source may be
    /// such a one; in a file of options it is taken as it stands.
    /// </summary>
    private static async Task<IReadOnlyList<string>> LiteralAsync(
        IReadOnlyList<string> arguments,
        string helpers,
        CancellationToken cancellation
    )
    {
        if (!arguments.Any(argument => argument.StartsWith('@')))
        {
            return arguments;
        }
        var path = Path.Combine(helpers, "options.json");
        var options = new JsonArray([.. arguments.Select(argument => JsonValue.Create(argument))]);
        await File.WriteAllTextAsync(path, options.ToJsonString(), cancellation);
        return ["@" + path];
    }

    private static void Take(
        string line,
        List<string> warnings,
        List<string> errors,
        Action<double>? progress
    )
    {
        if (line.StartsWith(ErrorMark, StringComparison.Ordinal))
        {
            errors.Add(line[ErrorMark.Length..]);
        }
        else if (
            line.StartsWith(WarningMark, StringComparison.Ordinal) && !line.Contains(UidNotice)
        )
        {
            warnings.Add(line[WarningMark.Length..]);
        }
        else if (
            line.StartsWith("#GUI#progress ", StringComparison.Ordinal)
            && int.TryParse(line.AsSpan("#GUI#progress ".Length).TrimEnd('%'), out var percent)
        )
        {
            progress?.Invoke(percent / 100.0);
        }
    }

    private static bool SaysDiskFull(string error) =>
        error.Contains("drive may be full") || error.Contains("No space left");
}
