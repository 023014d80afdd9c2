using EncodeFarm.Cluster.Members;

namespace EncodeFarm.Cluster.Tests.Members;

static class Nodes
{
    public const string Token = "a secret";
    public static readonly JoinCheck Check = new(Token, JoinCheck.CurrentProtocol);

    public static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    public static NodeCard Card(NodeAddress address, string? home = null) =>
        new(address, home ?? $"home of {address}", ["worker"], "0.1.0", null);

    public static JoinRequest Request(NodeCard card, string token = Token, int protocol = 1) =>
        new(card, protocol, JoinCheck.Prove(token, card.Address));

    public static Membership Start(double at = 0) =>
        Membership.Start(Check, new FailureLimits(), MemberTable.Empty, 1, At(at));

    /// <summary>With that member, Up.</summary>
    public static Membership With(this Membership membership, NodeAddress address, double at = 0) =>
        membership.Join(Request(Card(address)), At(at)).Next.Hear(address, At(at)).Next;

    /// <summary>Our own heartbeats of the seconds in between have come back.</summary>
    public static Membership Until(this Membership membership, double from, double to)
    {
        for (var second = from; second <= to; second++)
        {
            membership = membership.Echo(At(second), At(second)).Next;
        }
        return membership;
    }
}
