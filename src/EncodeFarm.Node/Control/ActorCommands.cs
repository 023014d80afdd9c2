using EncodeFarm.Actors;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Api;
using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Control;

public sealed class ActorSystemCommand()
    : AnswerCommand(new CommandDefinition("system", "The actor system of this node.", []))
{
    public override Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var actors = call.Node.Actors();
        var row = new ActorSystemRow(
            "encodefarm",
            call.Node.Card.Address.Name,
            actors.Count,
            actors.Sum(actor => actor.MailboxDepth),
            actors.Sum(actor => actor.Restarts)
        );
        var text =
            $"{row.Name}@{row.Node} | {Words.Count(row.Actors, "actor")} | {Words.Count(row.Mailboxes, "message")} waiting | {Words.Count(row.Restarts, "restart")}";
        return Task.FromResult<IEnumerable<ControlLine>>([Line.Of(text, row)]);
    }
}

public sealed class ActorHierarchy()
    : AnswerCommand(
        new CommandDefinition(
            "hierarchy",
            "The actors of this node as a tree.",
            [
                new ArgumentDefinition(
                    "path",
                    "Begin here, for example at /user/videos.",
                    ["-s", "--start"],
                    Default: "at the top"
                ),
                new ArgumentDefinition(
                    "depth",
                    "So many levels, 1..64.",
                    ["-d", "--depth"],
                    Default: "4"
                ),
            ]
        )
    )
{
    public override Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var start = (call.Text("path") ?? "").TrimEnd('/');
        var depth = call.Whole("depth", 1, 64) ?? 4;
        var actors = call
            .Node.Actors()
            .Where(actor =>
                start.Length == 0
                || actor.Path == start
                || actor.Path.StartsWith($"{start}/", StringComparison.Ordinal)
            )
            // Children right behind their parent, whatever letters its other children have.
            .OrderBy(actor => actor.Path.Replace('/', '\0'), StringComparer.Ordinal)
            .ToList();
        if (actors.Count == 0 && start.Length > 0)
        {
            throw Refusal.NotFound(
                $"There is no actor '{start}' on '{call.Node.Card.Address.Name}'.",
                "See 'actor hierarchy'."
            );
        }
        var top = actors.Count == 0 ? 0 : actors.Min(actor => Level(actor.Path));
        return Task.FromResult(
            actors
                .Where(actor => Level(actor.Path) - top < depth)
                .Select(actor => Line.Of(Text(actor, Level(actor.Path) - top), Row(actor)))
        );
    }

    private static int Level(string path) => path.Count(letter => letter == '/');

    private static string Text(ActorInfo actor, int indent)
    {
        var name = indent == 0 ? actor.Path : actor.Path[(actor.Path.LastIndexOf('/') + 1)..];
        var waiting =
            actor.MailboxDepth == 0
                ? ""
                : $", {Words.Count(actor.MailboxDepth, "message")} waiting";
        var restarts = actor.Restarts == 0 ? "" : $", {Words.Count(actor.Restarts, "restart")}";
        var failure = actor.LastFailure is null ? "" : $", last failure: {actor.LastFailure}";
        return $"{new string(' ', indent * 2)}{name}  {actor.Type}, {actor.State.ToString().ToLowerInvariant()}{waiting}{restarts}{failure}";
    }

    private static ActorRow Row(ActorInfo actor) =>
        new(
            actor.Path,
            actor.Type,
            actor.State.ToString().ToLowerInvariant(),
            actor.MailboxDepth,
            actor.Restarts,
            actor.LastFailure
        );
}
