using System.Text.Json;
using Pavise.Session.Rcar;

namespace Pavise.Session.Extensions;

/// <summary>What became of one resource of a batch: a content, or the reason why not.</summary>
/// <param name="Resource">Which.</param>
/// <param name="Content">The resource's bytes, or null.</param>
/// <param name="Refusal">Why there is none.</param>
public sealed record ResourceAnswer(ResourceUri Resource, byte[]? Content, Problem? Refusal);

/// <summary>
/// The batch: <c>POST /kbs/v0/pavise/resources</c> <c>{"resources":["a/b/c",…]}</c>; the answer is one JWE over
/// <c>{"resources":[{"resource","content":base64}|{"resource","type","detail"}]}</c>, in the order of the request.
/// </summary>
public static class Batch
{
    /// <summary>Writes the request.</summary>
    public static byte[] WriteRequest(IEnumerable<ResourceUri> resources) => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("resources");
        foreach (ResourceUri resource in resources)
        {
            json.WriteStringValue(resource.Path);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Reads the request.</summary>
    /// <exception cref="SessionFormatException">It is malformed, empty, too long, or names a resource twice.</exception>
    public static IReadOnlyList<ResourceUri> ParseRequest(ReadOnlyMemory<byte> utf8) => SessionJson.Read(utf8, SessionLimits.RequestBytes * 8, "a batch", root =>
    {
        JsonElement list = root.GetProperty("resources");
        int count = list.GetArrayLength();
        if (count is 0 or > SessionLimits.BatchResources)
        {
            throw new SessionFormatException($"a batch names 1 to {SessionLimits.BatchResources} resources");
        }

        List<ResourceUri> resources = [.. list.EnumerateArray().Select(r => ResourceUri.Parse(r.GetString() ?? ""))];
        return resources.Distinct().Count() == count ? resources : throw new SessionFormatException("a batch names a resource twice");
    });

    /// <summary>Writes the answer's content, to be encrypted.</summary>
    public static byte[] WriteAnswer(IEnumerable<ResourceAnswer> answers) => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("resources");
        foreach (ResourceAnswer answer in answers)
        {
            json.WriteStartObject();
            json.WriteString("resource", answer.Resource.Path);
            if (answer.Content is { } content)
            {
                json.WriteBase64String("content", content);
            }
            else
            {
                json.WriteString("type", answer.Refusal!.Type);
                json.WriteString("detail", answer.Refusal.Detail);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Reads the decrypted content; it must answer exactly what was asked.</summary>
    /// <exception cref="SessionFormatException">It does not.</exception>
    public static IReadOnlyList<ResourceAnswer> ParseAnswer(ReadOnlyMemory<byte> utf8, IReadOnlyList<ResourceUri> asked) =>
        SessionJson.Read(utf8, SessionLimits.AnswerBytes, "a batch's answer", root =>
        {
            JsonElement list = root.GetProperty("resources");
            if (list.GetArrayLength() != asked.Count)
            {
                throw new SessionFormatException("a batch's answer must hold as many resources as were asked");
            }

            return (IReadOnlyList<ResourceAnswer>)[.. list.EnumerateArray().Select((answer, i) => Read(answer, asked[i]))];
        });

    private static ResourceAnswer Read(JsonElement answer, ResourceUri asked) =>
        answer.Text("resource", 1024) != asked.Path ? throw new SessionFormatException("a batch's answer is in another order than it was asked")
        : answer.TryGetProperty("content", out JsonElement content) ? new(asked, content.GetBytesFromBase64(), null)
        : new(asked, null, new(answer.Text("type", 1024), answer.OptionalText("detail", 16 * 1024) ?? ""));
}
