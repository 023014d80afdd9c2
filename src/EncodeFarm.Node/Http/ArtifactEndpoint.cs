using System.Globalization;
using System.Net.Mime;
using EncodeFarm.Cluster.Artifacts;
using EncodeFarm.Media.Mux;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace EncodeFarm.Node.Http;

/// <summary>A directory of artifacts, served to other nodes as <see cref="ArtifactWire"/> says.</summary>
/// <param name="uploads">Those on their way, on the same file system as the store.</param>
public sealed class ArtifactEndpoint(DirectoryStore store, Uploads uploads, BearerToken token)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        string[] read = [HttpMethods.Get, HttpMethods.Head];
        MapOne(ArtifactWire.Artifacts, [HttpMethods.Get], ListAsync);
        MapOne($"{ArtifactWire.Artifacts}/{{**name}}", read, ReadAsync);
        MapOne($"{ArtifactWire.Artifacts}/{{**name}}", [HttpMethods.Delete], DeleteAsync);
        MapOne($"{ArtifactWire.Uploads}/{{**name}}", [HttpMethods.Head], HeldAsync);
        MapOne($"{ArtifactWire.Uploads}/{{**name}}", [HttpMethods.Put], UploadAsync);

        void MapOne(string pattern, string[] methods, Func<HttpContext, Task<IResult>> handle) =>
            routes.MapMethods(pattern, methods, context => AnswerAsync(context, handle));
    }

    async Task AnswerAsync(HttpContext context, Func<HttpContext, Task<IResult>> handle)
    {
        context.Response.Headers[ArtifactWire.Mark] = ArtifactWire.Version;
        var result = token.Admits(context.Request)
            ? await ResultAsync(context, handle)
            : TypedResults.Unauthorized();
        await result.ExecuteAsync(context);
    }

    static async Task<IResult> ResultAsync(
        HttpContext context,
        Func<HttpContext, Task<IResult>> handle
    )
    {
        try
        {
            return await handle(context);
        }
        catch (ArtifactException error)
        {
            return Words(StatusCodes.Status409Conflict, error.Message);
        }
        catch (IOException error) when (DiskSpace.IsFull(error))
        {
            return Words(
                StatusCodes.Status507InsufficientStorage,
                "The disk of the artifact store is full."
            );
        }
        // Kestrel's word about a body that came too slowly or not at all.
        catch (BadHttpRequestException error)
        {
            return Words(error.StatusCode, $"The transfer was cut: {error.Message}");
        }
        // The sender has gone, or another request of the same upload has ended it; whoever still listens shall ask again.
        catch (Exception error)
            when (error is OperationCanceledException
                || context.RequestAborted.IsCancellationRequested
            )
        {
            return Words(StatusCodes.Status503ServiceUnavailable, "The transfer was cut.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Words(
                StatusCodes.Status500InternalServerError,
                $"The artifact store can't use its directory: {error.Message}"
            );
        }
    }

    async Task<IResult> ListAsync(HttpContext context)
    {
        var prefix = context.Request.Query["prefix"].ToString();
        return ArtifactName.IsPrefix(prefix)
            ? TypedResults.Json(
                await store.ListAsync(prefix, context.RequestAborted),
                ArtifactWireJson.Default.IReadOnlyListString
            )
            : NotAName(prefix);
    }

    async Task<IResult> ReadAsync(HttpContext context)
    {
        var name = NameOf(context);
        if (!ArtifactName.IsName(name))
        {
            return NotAName(name);
        }
        var found = await store.DescribeAsync(name, context.RequestAborted);
        return found is { } there
            ? TypedResults.PhysicalFile(
                there.Path,
                MediaTypeNames.Application.Octet,
                entityTag: new EntityTagHeaderValue($"\"{there.Artifact.Sha256}\""),
                enableRangeProcessing: true
            )
            : TypedResults.NotFound();
    }

    async Task<IResult> DeleteAsync(HttpContext context)
    {
        var name = NameOf(context);
        if (!ArtifactName.IsName(name))
        {
            return NotAName(name);
        }
        await store.DeleteAsync(name, context.RequestAborted);
        return TypedResults.NoContent();
    }

    async Task<IResult> HeldAsync(HttpContext context)
    {
        if (ArtifactOf(context) is not { } artifact)
        {
            return NotAnUpload();
        }
        using var upload = await uploads.TakeAsync(artifact, context.RequestAborted);
        if (await IsStoredAsync(artifact, context.RequestAborted))
        {
            return TypedResults.Ok();
        }
        SayHeld(context, upload);
        return TypedResults.NoContent();
    }

    async Task<IResult> UploadAsync(HttpContext context)
    {
        if (ArtifactOf(context) is not { } artifact || OffsetOf(context) is not { } offset)
        {
            return NotAnUpload();
        }
        using var upload = await uploads.TakeAsync(artifact, context.RequestAborted);
        if (await IsStoredAsync(artifact, context.RequestAborted))
        {
            return TypedResults.Ok();
        }
        SayHeld(context, upload);
        if (upload.Held != offset)
        {
            return Words(
                StatusCodes.Status416RangeNotSatisfiable,
                $"The store holds {upload.Held} bytes, not {offset}."
            );
        }
        if (context.Request.ContentLength != artifact.Length - offset)
        {
            return NotAnUpload();
        }
        // Kestrel's own limit of 30 MB is for pages. The least speed that it asks for stays.
        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        await upload.TakeInAsync(context.Request.Body, context.RequestAborted);
        return await upload.StoreAsync(store)
            ? TypedResults.StatusCode(StatusCodes.Status201Created)
            : Words(
                StatusCodes.Status422UnprocessableEntity,
                "What arrived is not what its length and SHA-256 say."
            );
    }

    /// <exception cref="ArtifactException">The name is taken by other content.</exception>
    async Task<bool> IsStoredAsync(StoredArtifact artifact, CancellationToken cancellation) =>
        await store.DescribeAsync(artifact.Name, cancellation) is { } there
        && (
            there.Artifact == artifact
                ? true
                : throw new ArtifactException(
                    $"The artifact '{artifact.Name}' exists already, with other content."
                )
        );

    static void SayHeld(HttpContext context, Upload upload) =>
        context.Response.Headers[ArtifactWire.Offset] = upload.Held.ToString();

    static string NameOf(HttpContext context) => context.GetRouteValue("name") as string ?? "";

    static StoredArtifact? ArtifactOf(HttpContext context)
    {
        var (name, headers) = (NameOf(context), context.Request.Headers);
        var hash = headers[ArtifactWire.Hash].ToString();
        return
            ArtifactName.IsName(name)
            && NumberOf(headers[ArtifactWire.Length]) is { } length
            && ContentHash.IsHash(hash)
            ? new StoredArtifact(name, length, hash)
            : null;
    }

    static long? OffsetOf(HttpContext context) =>
        NumberOf(context.Request.Headers[ArtifactWire.Offset]);

    static long? NumberOf(string? text) =>
        long.TryParse(text, NumberStyles.None, null, out var number) ? number : null;

    static IResult NotAName(string name) =>
        Words(StatusCodes.Status400BadRequest, $"'{name}' is not a name of an artifact.");

    static IResult NotAnUpload() =>
        Words(
            StatusCodes.Status400BadRequest,
            $"An upload needs the name of an artifact and the headers {ArtifactWire.Length}, {ArtifactWire.Hash} (lower-case hex), {ArtifactWire.Offset} and a fitting Content-Length."
        );

    static IResult Words(int status, string sentence) =>
        TypedResults.Text(sentence, MediaTypeNames.Text.Plain, statusCode: status);
}
