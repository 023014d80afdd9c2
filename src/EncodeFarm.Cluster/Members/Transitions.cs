namespace EncodeFarm.Cluster.Members;

/// <summary>Which state may follow which; everything else is an error.</summary>
public static class Transitions
{
    public static bool Allow(MemberStatus from, MemberStatus to) =>
        (from, to) switch
        {
            (MemberStatus.Joining, MemberStatus.Up or MemberStatus.Leaving) => true,
            (MemberStatus.Up, MemberStatus.Leaving) => true,
            (MemberStatus.Leaving, MemberStatus.Exiting) => true,
            (MemberStatus.Removed or MemberStatus.Down, MemberStatus.Down) => false,
            (MemberStatus.Removed, _) => false,
            (_, MemberStatus.Down or MemberStatus.Removed) => true,
            _ => false,
        };
}
