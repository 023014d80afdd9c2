using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Contracts;
using EncodeFarm.Farm.Coordination;

namespace EncodeFarm.Node.Api;

/// <summary>The API as a node answers it: by itself where it is the coordinator that decides, else by asking that one.</summary>
public sealed class NodeApi(INodeView node, IFarmTransport transport, ApiOptions options)
{
    private readonly ApiCall _ask = ApiForwarding.Ask(
        transport,
        () => node.Members,
        options.Limits
    );

    public async Task<ApiReply> HandleAsync(ApiRequest request, CancellationToken cancellation)
    {
        // What the coordinator announces is known everywhere, also while nobody answers.
        if (request is { Method: "GET", Path: "members" })
        {
            return Replies.Ok(
                MemberViews.Of(node.Members) with
                {
                    AgeSeconds = node.Silence?.TotalSeconds,
                }
            );
        }
        return node.Coordinator is { } coordinator
            ? await new ApiRouter(coordinator, options).HandleAsync(request, cancellation)
            : await _ask(request with { AsOf = AsOf() }, cancellation);
    }

    /// <summary>Answers what other nodes forward; for <see cref="IFarmTransport.AnswerAsync"/> while this node decides.</summary>
    public Task<Envelope> AnswerAsync(Envelope question) =>
        ApiForwarding.Answer(
            (request, cancellation) =>
            {
                var coordinator =
                    node.Coordinator
                    ?? throw Refusal.Unavailable(
                        "This node does not decide any more.",
                        "Ask again."
                    );
                LateOrders.Refuse(request, coordinator.Epoch, coordinator.Age);
                return new ApiRouter(coordinator, options).HandleAsync(request, cancellation);
            },
            options.Limits
        )(question);

    private EpochTime? AsOf() =>
        node.EpochTime is { } now ? new EpochTime(now.Epoch, now.Age.TotalSeconds) : null;
}
