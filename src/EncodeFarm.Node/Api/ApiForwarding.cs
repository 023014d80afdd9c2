using System.Text.Json;
using EncodeFarm.Cluster;
using EncodeFarm.Cluster.Members;
using EncodeFarm.Cluster.Messaging;
using EncodeFarm.Contracts;

namespace EncodeFarm.Node.Api;

/// <summary>Requests of the API from node to node.</summary>
public static class ApiForwarding
{
    public const string RequestType = "api-request.v1";
    public const string ReplyType = "api-reply.v1";

    /// <summary>For <see cref="IFarmTransport.AnswerAsync"/> on the coordinator.</summary>
    public static Func<Envelope, Task<Envelope>> Answer(ApiCall api, AnswerLimits limits) =>
        async question =>
        {
            using var limit = new CancellationTokenSource(limits.Coordinator);
            ApiReply reply;
            try
            {
                reply = await api.Apart()(Read(question), limit.Token);
            }
            catch (Exception error)
            {
                reply = Replies.Of(error);
            }
            return new Envelope(ReplyType, ContractsJson.Write(reply));
        };

    /// <summary>Asks the coordinator, wherever it is.</summary>
    /// <param name="members">To say who it could have been.</param>
    public static ApiCall Ask(
        IFarmTransport transport,
        Func<MemberTable> members,
        AnswerLimits limits
    ) =>
        async (request, cancellation) =>
        {
            try
            {
                var answer = await transport.AskAsync(
                    new Envelope(RequestType, ContractsJson.Write(request)),
                    limits.Way,
                    cancellation
                );
                return ContractsJson.Read<ApiReply>(answer.Json);
            }
            catch (ClusterException error)
            {
                return Replies.Of(
                    Refusal.Unavailable(
                        error.Error == ClusterError.Refused ? error.Message
                            : transport.IsConnected ? "The coordinator does not answer."
                            : $"'{transport.Self.Name}' has lost the broker, and only the coordinator knows this.",
                        Coordinators(members())
                    )
                );
            }
            catch (JsonException error)
            {
                return Replies.Of(
                    Refusal.Unavailable(
                        $"The coordinator's answer can't be read here: {error.Message}",
                        "Are both of one version?"
                    )
                );
            }
        };

    /// <summary>Who it could have been that did not answer.</summary>
    public static string Coordinators(MemberTable table)
    {
        var known = table
            .Members.Where(member => member.Card.Roles.Contains("coordinator"))
            .Select(member =>
                member.Unreachable
                    ? $"{member.Address.Name} (unreachable)"
                    : $"{member.Address.Name} ({member.Status.ToString().ToLowerInvariant()})"
            )
            .ToList();
        return known.Count == 0
            ? "No coordinator is known here yet: start one."
            : $"Coordinators as last heard of: {string.Join(", ", known)}.";
    }

    private static ApiRequest Read(Envelope question)
    {
        if (question.Type != RequestType)
        {
            throw Refusal.Usage($"'{question.Type}' is no question that is known here.");
        }
        try
        {
            return ContractsJson.Read<ApiRequest>(question.Json);
        }
        catch (JsonException error)
        {
            throw Refusal.Usage($"The request can't be read: {error.Message}");
        }
    }
}
