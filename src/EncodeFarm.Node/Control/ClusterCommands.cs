using EncodeFarm.Contracts;
using EncodeFarm.Contracts.Control;
using EncodeFarm.Node.Display;

namespace EncodeFarm.Node.Control;

public sealed class ClusterShow()
    : AnswerCommand(new CommandDefinition("show", "All members and their states.", []))
{
    public override async Task<IEnumerable<ControlLine>> AnswerAsync(
        ControlCall call,
        CancellationToken cancellation
    )
    {
        var members = (await call.Api.MembersAsync(cancellation)).Members;
        return
        [
            .. members.Select(member => Line.Of(MemberText.Line(member), member)),
            Line.Text($"Count: {Words.Count(members.Count, "node")}"),
        ];
    }
}

/// <summary>Members in the form that operators' scripts rely on.</summary>
public static class MemberText
{
    /// <summary><c>address | [roles] | status | reachability | version</c></summary>
    public static string Line(MemberInfo member) =>
        string.Join(
            " | ",
            member.Address,
            $"[{string.Join(',', member.Roles)}]",
            member.Status,
            member.Unreachable ? "unreachable" : "",
            member.Version
        );
}
