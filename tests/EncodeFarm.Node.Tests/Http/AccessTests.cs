using EncodeFarm.Node.Http;

namespace EncodeFarm.Node.Tests.Http;

public sealed class AccessTests
{
    [Theory]
    // On loopback nobody needs a token, but a wrong one is not overlooked.
    [InlineData("secret", true, null, "127.0.0.1:9110", null, true)]
    [InlineData("secret", true, "Bearer secret", "127.0.0.1:9110", null, true)]
    [InlineData("secret", true, "Bearer wrong", "127.0.0.1:9110", null, false)]
    [InlineData("", true, "Bearer any", "127.0.0.1:9110", null, true)]
    // Elsewhere everybody does.
    [InlineData("secret", false, null, "10.0.0.5:9110", null, false)]
    [InlineData("secret", false, "Bearer secret", "node.example:9110", null, true)]
    [InlineData("secret", false, "bearer secret", "10.0.0.5", null, true)]
    [InlineData("secret", false, "Bearer secre", "10.0.0.5", null, false)]
    [InlineData("secret", false, "Bearer ", "10.0.0.5", null, false)]
    [InlineData("secret", false, "Basic secret", "10.0.0.5", null, false)]
    [InlineData("secret", false, "secret", "10.0.0.5", null, false)]
    // Pages of other sites may not ask, whatever they call this node.
    [InlineData("", true, null, "127.0.0.1:9110", "http://evil.example", false)]
    [InlineData("", true, null, "127.0.0.1:9110", "null", false)]
    [InlineData("", true, null, "127.0.0.1:9110", "http://127.0.0.1:9110", true)]
    [InlineData("", true, null, "evil.example:9110", "http://evil.example:9110", false)]
    [InlineData("", true, null, "evil.example:9110", null, false)]
    [InlineData("", true, null, "localhost:9110", null, true)]
    [InlineData("", true, null, "[::1]:9110", null, true)]
    [InlineData("", true, null, null, null, true)]
    public void Who_may_ask(
        string token,
        bool loopback,
        string? authorization,
        string? host,
        string? origin,
        bool allowed
    ) =>
        (
            new Access(token, loopback).Refuse(new Caller(authorization, host, origin)) is null
        ).ShouldBe(allowed);
}
