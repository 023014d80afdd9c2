using EncodeFarm.Media.Tools;
using EncodeFarm.Media.Tools.Locate;

namespace EncodeFarm.Media.Tests.Tools;

public sealed class ToolLocatorTests
{
    [Fact]
    public async Task Finds_the_tools_of_this_machine()
    {
        var tools = await new ToolLocator(new ToolRunner()).LocateAsync(default);

        tools.Encoders.ShouldContain("libx264");
        tools.Filters.ShouldContain("scale");
    }
}
