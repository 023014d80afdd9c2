using EncodeFarm.Contracts;

namespace EncodeFarm.Node.Api;

/// <summary>
/// An order that was told to have no answer must not be carried out later: what a node sends while its network is cut
/// lies in its machine's buffers, and arrives when the network heals.
/// </summary>
public static class LateOrders
{
    /// <summary>Longer than anybody waits for an answer (<see cref="AnswerLimits"/>), with a second for an announcement that was late.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(3);

    /// <param name="epoch">Of the coordinator that is to carry it out.</param>
    /// <param name="age">How long that epoch has lasted.</param>
    /// <exception cref="Refusal">It is an order, of an earlier epoch or older than <see cref="Life"/>.</exception>
    public static void Refuse(ApiRequest request, long epoch, TimeSpan age)
    {
        if (request.Method != "GET" && request.AsOf is { } asOf && IsLate(asOf, epoch, age))
        {
            throw Refusal.Unavailable(
                asOf.Epoch < epoch
                    ? "Another coordinator has taken over since the order was given, and has not carried it out."
                    : "The order was under way for too long and was not carried out.",
                "Give it again."
            );
        }
    }

    private static bool IsLate(EpochTime asOf, long epoch, TimeSpan age) =>
        asOf.Epoch < epoch
        || (asOf.Epoch == epoch && age.TotalSeconds - asOf.Seconds > Life.TotalSeconds);
}
