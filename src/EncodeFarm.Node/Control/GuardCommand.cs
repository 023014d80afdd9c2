using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Control;

public sealed class NodeGuardCommand()
    : AnswerCommand(
        new CommandDefinition(
            "guard",
            "When a worker is too busy with other things to take work; shows it, or changes it until it ends.",
            [
                new ArgumentDefinition(
                    "high",
                    "Foreign load, percent of all cores, above which no new work is taken, 1..100; 100 always takes it.",
                    ["--high"]
                ),
                new ArgumentDefinition(
                    "low",
                    "Load below which it is taken again, 0..100, not above high.",
                    ["--low"]
                ),
                Argument.Node,
            ]
        )
    )
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var change = new GuardRequest(
            call.Whole("high", GuardLimits.LeastHigh, GuardLimits.Most),
            call.Whole("low", GuardLimits.LeastLow, GuardLimits.Most)
        );
        var shows = change is { High: null, Low: null };
        var guard = call.Text("address") switch
        {
            null => Own(call, change),
            var name when shows => await call.Api.GuardAsync(name, cancellation),
            var name => await call.Api.GuardAsync(name, change, cancellation),
        };
        return [Line.Of($"{guard.Node} | {Text(guard)}", guard)];
    }

    /// <summary>Of the node that is asked, also while no coordinator answers.</summary>
    private static NodeGuard Own(ControlCall call, GuardRequest request)
    {
        var name = call.Node.Card.Address.Name;
        var before =
            call.Node.Guard
            ?? throw Refusal.Conflict($"'{name}' is no worker.", "Name one with -a.");
        if (request is not { High: null, Low: null })
        {
            var (high, low) = GuardLimits.Of(request, before);
            call.Node.ChangeGuard(high, low);
        }
        return GuardLimits.Row(name, call.Node.Guard!);
    }

    private static string Text(NodeGuard guard)
    {
        var limits =
            guard.High == GuardLimits.Most
                ? "never closes"
                : $"closes above {guard.High} %, opens below {guard.Low} %";
        var load = guard.Load is { } known ? $"{known} %" : Words.Unknown;
        return $"{limits}, foreign load {load}: {guard.Closed ?? "takes work"}";
    }
}
