using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using EncodeFarm.Cluster.Artifacts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EncodeFarm.Cluster.Tests.Artifacts;

/// <summary>What Amazon's own server does and the one of the other tests does not: conditional writes, and lists of unfinished uploads.</summary>
public sealed class S3ConditionTests : IAsyncLifetime
{
    const string Strange = "strange";

    readonly Contents _contents = new();
    readonly ConcurrentQueue<string> _asked = [];
    WebApplication _server = null!;

    /// <summary>Null: nothing is there. Comes to be while the file is on its way.</summary>
    string? _there;
    string? _coming;
    Func<string, int> _complete = _ => 200;
    string? _appears;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server => server.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(AnswerAsync);
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _contents.Dispose();
    }

    async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        var condition = request.Headers.IfNoneMatch.ToString();
        _asked.Enqueue($"{request.Method} {request.QueryString}{condition}");
        switch (request.Method)
        {
            case "HEAD" when _there is null:
                response.StatusCode = 404;
                break;
            case "HEAD":
                response.Headers.ETag = "\"e\"";
                response.Headers["x-amz-meta-sha256"] = _there;
                response.ContentLength = Length;
                break;
            case "GET":
                await response.WriteAsync(
                    """<ListMultipartUploadsResult><Upload><Key>film.mkv</Key><UploadId>old</UploadId></Upload><Upload><Key>film.mkv2</Key><UploadId>another</UploadId></Upload></ListMultipartUploadsResult>"""
                );
                break;
            case "DELETE":
                response.StatusCode = 204;
                break;
            case "PUT":
                var part = new MemoryStream();
                await request.Body.CopyToAsync(part);
                response.Headers.ETag =
                    $"\"{Convert.ToHexStringLower(MD5.HashData(part.ToArray()))}\"";
                break;
            case "POST" when request.QueryString.Value!.Contains("uploads"):
                _coming = request.Headers["x-amz-meta-sha256"];
                await response.WriteAsync(
                    "<InitiateMultipartUploadResult><UploadId>new</UploadId></InitiateMultipartUploadResult>"
                );
                break;
            case "POST":
                _there = _appears ?? _there;
                response.StatusCode = _complete(condition);
                if (response.StatusCode == 200)
                {
                    _there = _coming;
                }
                await response.WriteAsync(
                    response.StatusCode switch
                    {
                        200 =>
                            "<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>",
                        501 => "<Error><Code>NotImplemented</Code><Message>no</Message></Error>",
                        _ => "<Error><Code>PreconditionFailed</Code><Message>no</Message></Error>",
                    }
                );
                break;
        }
    }

    const int Length = 1000;

    async Task PutAsync(StoredArtifact artifact, string path, bool overwrite = false) =>
        await new S3Outputs(
            new S3StoreOptions("films", new Uri(_server.Urls.Single()), "us-east-1")
            {
                AccessKey = "key",
                SecretKey = "secret",
                Transfers = FaultProxy.Quick,
            },
            TimeProvider.System,
            _ => { }
        ).PutAsync(
            S3Address.Parse("s3://films/film.mkv"),
            path,
            artifact.Length,
            artifact.Sha256,
            overwrite,
            default
        );

    int Conditions() => _asked.Count(asked => asked.StartsWith("POST") && asked.EndsWith('*'));

    [Fact]
    public async Task A_new_object_is_asked_for_as_new()
    {
        var (artifact, path) = _contents.Make("film", Length);

        await PutAsync(artifact, path);

        Conditions().ShouldBe(1);
    }

    [Fact]
    public async Task Overwriting_has_no_condition()
    {
        var (artifact, path) = _contents.Make("film", Length);
        _there = Strange;

        await PutAsync(artifact, path, overwrite: true);

        Conditions().ShouldBe(0);
        _there.ShouldBe(artifact.Sha256);
    }

    [Fact]
    public async Task What_came_there_meanwhile_is_not_replaced()
    {
        var (artifact, path) = _contents.Make("film", Length);
        (_appears, _complete) = (Strange, _ => 412);

        var error = await Should.ThrowAsync<BucketRefusedException>(() => PutAsync(artifact, path));

        error.Message.ShouldBe("The output s3://films/film.mkv exists already.");
        _there.ShouldBe(Strange);
    }

    [Fact]
    public async Task What_an_earlier_try_has_brought_is_the_delivery()
    {
        var (artifact, path) = _contents.Make("film", Length);
        (_appears, _complete) = (artifact.Sha256, _ => 412);

        await PutAsync(artifact, path);

        Conditions().ShouldBe(1);
    }

    [Fact]
    public async Task A_server_without_conditions_is_asked_without_them()
    {
        var (artifact, path) = _contents.Make("film", Length);
        _complete = condition => condition.Length > 0 ? 501 : 200;

        await PutAsync(artifact, path);

        Conditions().ShouldBe(1);
        _there.ShouldBe(artifact.Sha256);
    }

    [Fact]
    public async Task Unfinished_uploads_of_the_same_object_are_given_up()
    {
        var (artifact, path) = _contents.Make("film", Length);

        await PutAsync(artifact, path);

        _asked
            .Where(asked => asked.StartsWith("DELETE"))
            .ShouldHaveSingleItem()
            .ShouldContain("uploadId=old");
    }
}
