using System.Runtime.CompilerServices;
using System.Text.Json;
using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;

namespace EncodeFarm.Node.Control;

/// <summary>The host side of <c>pbm</c>: tells what commands there are, and runs them.</summary>
public sealed class ControlHost(ControlContext context)
{
    private static readonly IReadOnlyList<PaletteDefinition> Definitions =
    [
        .. Control.Palettes.All.Select(palette => palette.Definition),
    ];

    public PaletteList Palettes() =>
        new(
            MemberViews.AddressOf(context.Node.Card),
            context.Node.Card.ProductVersion,
            Definitions
        );

    /// <summary>What fits an argument now; empty where that is not known, for completion must not fail.</summary>
    /// <param name="word">What is typed of it; clients choose what begins with it.</param>
    public async Task<OfferedValues> ValuesAsync(
        string kind,
        string word,
        CancellationToken cancellation
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(context.Limits.Node);
        try
        {
            return new OfferedValues(
                kind switch
                {
                    "job" =>
                    [
                        .. (await context.Api.JobsAsync(false, limit.Token)).Jobs.Select(job =>
                            job.Id
                        ),
                    ],
                    "node" =>
                    [
                        .. context.Node.Members.Members.Select(member => member.Address.Name),
                        // They would hide the names from somebody who has not begun one.
                        .. word.Length > 0 ? MemberViews.Addresses(context.Node.Members) : [],
                    ],
                    "profile" => context.Profiles(),
                    _ => [],
                }
            );
        }
        catch (Exception error)
            when (error is FarmApiException
                || error is OperationCanceledException && !cancellation.IsCancellationRequested
            )
        {
            return new OfferedValues([]);
        }
    }

    /// <param name="body">A <see cref="ControlRequest"/>.</param>
    /// <returns>Lines, the last one with the exit code.</returns>
    public async IAsyncEnumerable<ControlLine> RunAsync(
        string? body,
        [EnumeratorCancellation] CancellationToken cancellation
    )
    {
        var (command, call, wrong) = Understand(body);
        if (command is null)
        {
            yield return Failed(wrong!);
            yield break;
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        await using var lines = command
            .RunAsync(call!, limit.Token)
            .GetAsyncEnumerator(limit.Token);
        while (true)
        {
            if (!call!.Parsed.Streams)
            {
                // For each line: of many orders in one command each is answered in time.
                limit.CancelAfter(context.Limits.Node);
            }
            ControlLine? line;
            try
            {
                line = await lines.MoveNextAsync() ? lines.Current : new ControlLine(Exit: 0);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                throw;
            }
            catch (OperationCanceledException)
            {
                line = Failed(Late());
            }
            catch (Exception error)
            {
                line = Failed(ContractsJson.Read<Problem>(Replies.Of(error).Json));
            }
            yield return line;
            if (line.Exit is not null)
            {
                yield break;
            }
        }
    }

    private (ControlCommand? Command, ControlCall? Call, Problem? Wrong) Understand(string? body)
    {
        ControlRequest request;
        try
        {
            request = ContractsJson.Read<ControlRequest>(body ?? "");
        }
        catch (JsonException error)
        {
            return (
                null,
                null,
                new Problem($"The request can't be read: {error.Message}", null, ProblemKind.Usage)
            );
        }
        // The compiler believes that the words are there; whoever wrote the JSON may see it otherwise.
        IReadOnlyList<string?> words = request.Words ?? [];
        if (words.Contains(null))
        {
            return (
                null,
                null,
                new Problem("A word of the command is null.", null, ProblemKind.Usage)
            );
        }
        var parsed = CommandParser.Parse(Definitions, request.Words ?? []);
        if (parsed.Command is not { } wanted)
        {
            return (null, null, parsed.Error);
        }
        var command = Control
            .Palettes.All.Single(palette => palette.Definition.Name == wanted.Palette)
            .Commands.Single(known => known.Definition.Name == wanted.Command.Name);
        return (command, new ControlCall(context, wanted, request), null);
    }

    private Problem Late() =>
        context.Node.Coordinator is { } here
            ? new(
                $"The coordinator, '{here.Self.Name}', did not answer in time.",
                "It may wait for its journal: see 'log peek'.",
                ProblemKind.Timeout
            )
            : new(
                "The coordinator did not answer in time.",
                ApiForwarding.Coordinators(context.Node.Members),
                ProblemKind.Timeout
            );

    private static ControlLine Failed(Problem problem) =>
        new(Json: ContractsJson.Element(problem), Problem: problem, Exit: ControlExit.Of(problem));
}
