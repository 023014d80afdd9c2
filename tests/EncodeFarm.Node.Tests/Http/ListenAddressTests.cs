using EncodeFarm.Media.Model;
using EncodeFarm.Node.Http;

namespace EncodeFarm.Node.Tests.Http;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:9200", "127.0.0.1:9200", true)]
    [InlineData("127.0.0.1", "127.0.0.1:9110", true)]
    [InlineData(":9200", "127.0.0.1:9200", true)]
    [InlineData("localhost:1", "localhost:1", true)]
    [InlineData("*:9110", "0.0.0.0:9110", false)]
    [InlineData("0.0.0.0:0", "0.0.0.0:0", false)]
    [InlineData("[::1]:9110", "[::1]:9110", true)]
    [InlineData("[::1]", "[::1]:9110", true)]
    [InlineData("::1", "[::1]:9110", true)]
    [InlineData("10.0.0.5:9110", "10.0.0.5:9110", false)]
    public void Addresses_are_read(string text, string address, bool loopback)
    {
        var parsed = ListenAddress.Parse(text);

        parsed.ToString().ShouldBe(address);
        parsed.IsLoopback.ShouldBe(loopback);
    }

    [Theory]
    [InlineData("")]
    [InlineData("host:")]
    [InlineData("127.0.0.1:x")]
    [InlineData("127.0.0.1:70000")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("[::1")]
    [InlineData("[::1]9110")]
    [InlineData("a b:1")]
    [InlineData("no-such-host.invalid:1")]
    public void Others_are_refused_with_an_example(string text) =>
        Should
            .Throw<FarmException>(() => ListenAddress.Parse(text))
            .Message.ShouldEndWith("For example: --listen 127.0.0.1:9110");

    [Fact]
    public void Nothing_but_loopback_is_listened_on_without_a_token()
    {
        ListenAddress.Parse("127.0.0.1:1").RequireSafe(null);
        ListenAddress.Parse("*:1").RequireSafe("0123456789abcdef");
        Should
            .Throw<FarmException>(() => ListenAddress.Parse("*:9110").RequireSafe(""))
            .Message.ShouldContain("can be reached from other machines, and there is no token.");
    }
}
