using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;

namespace EncodeFarm.Node.Control;

public sealed class NodeLabel()
    : AnswerCommand(
        new CommandDefinition(
            "label",
            "Labels of a worker, which jobs may need; shows them, or changes them until it ends.",
            [
                new ArgumentDefinition("label", "key=value, to be set.", Repeats: true),
                new ArgumentDefinition(
                    "key",
                    "Key of a label to be removed.",
                    ["-r", "--remove"],
                    Repeats: true
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
        var change = new LabelsRequest(
            LabelChanges.Parse(call.Parsed.All("label")).Pairs,
            call.Parsed.All("key")
        );
        var shows = change is { Set.Count: 0, Remove.Count: 0 };
        var labels = call.Text("address") switch
        {
            null => Own(call, change),
            var name when shows => await ShownAsync(call, name, cancellation),
            var name => await call.Api.LabelsAsync(name, change, cancellation),
        };
        var text = labels.Labels.Count == 0 ? "no labels" : NodeText.Labels(labels.Labels);
        return [Line.Of($"{labels.Node} | {text}", labels)];
    }

    /// <summary>Of the node that is asked, also while no coordinator answers.</summary>
    private static NodeLabels Own(ControlCall call, LabelsRequest request)
    {
        var name = call.Node.Card.Address.Name;
        var before =
            call.Node.Labels
            ?? throw Refusal.Conflict($"'{name}' is no worker.", "Name one with -a.");
        var change = LabelChanges.Of(request, before);
        call.Node.ChangeLabels(change);
        return new NodeLabels(name, before.With(change).Pairs);
    }

    private static async Task<NodeLabels> ShownAsync(
        ControlCall call,
        string name,
        CancellationToken cancellation
    )
    {
        var node = await call.Api.NodeAsync(name, cancellation);
        return new NodeLabels(
            node.Member.Name,
            node.Labels
                ?? throw Refusal.Conflict(
                    $"The labels of '{node.Member.Name}' are not known: it is no worker, or does not answer.",
                    "See 'cluster show'."
                )
        );
    }
}
