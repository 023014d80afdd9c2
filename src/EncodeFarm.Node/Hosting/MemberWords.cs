using EncodeFarm.Cluster.Members;

namespace EncodeFarm.Node.Hosting;

/// <summary>What happens to members, as sentences for the log.</summary>
public static class MemberWords
{
    public static string Of(MemberEvent happened)
    {
        var name = happened.Address.Name;
        return happened switch
        {
            MemberChanged { To: MemberStatus.Joining } => $"{name} joins.",
            MemberChanged { Reason: { } reason } changed => $"{name} is {Word(changed)}: {reason}.",
            MemberChanged changed => $"{name} is {Word(changed)}.",
            MemberReachability { Unreachable: true } => $"{name} is unreachable.",
            MemberReachability => $"{name} is reachable again.",
            MemberDraining { Draining: true } => $"{name} drains: it takes no new work.",
            MemberDraining => $"{name} takes work again.",
            _ => $"{name} changes.",
        };
    }

    private static string Word(MemberChanged changed) => changed.To.ToString().ToLowerInvariant();
}
