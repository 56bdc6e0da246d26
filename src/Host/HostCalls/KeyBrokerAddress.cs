using System.Text.Json;

namespace Pavise.Host.HostCalls;

/// <summary>Where the key broker is that a policy names. The guest believes nothing of it: it knows the broker by its key.</summary>
/// <param name="Host">Name or address.</param>
/// <param name="Port">TCP port.</param>
internal sealed record KeyBrokerAddress(string Host, int Port)
{
    /// <summary>Reads <c>attestation.keyBroker.url</c>; null where the policy names no broker, or not in a form that can be reached.</summary>
    /// <param name="policy">Canonical JSON; may be empty.</param>
    public static KeyBrokerAddress? Of(ReadOnlyMemory<byte> policy)
    {
        if (policy.IsEmpty)
        {
            return null;
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(policy);
            return Member(document.RootElement, "attestation") is { } attestation && Member(attestation, "keyBroker") is { } broker && Member(broker, "url") is { ValueKind: JsonValueKind.String } url
                && Uri.TryCreate(url.GetString(), UriKind.Absolute, out Uri? uri) && uri.Scheme == Uri.UriSchemeHttps ? new(uri.IdnHost, uri.Port) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonElement? Member(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : null;
}
