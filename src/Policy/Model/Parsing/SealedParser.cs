using System.Collections.Immutable;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>sealed</c>: the resources of the key broker that a sealed value at this place may use.</summary>
internal static class SealedParser
{
    /// <returns>Empty where the place takes no sealed value.</returns>
    public static ImmutableArray<string> Parse(Section place)
    {
        if (!place.Has("sealed"))
        {
            return [];
        }

        ImmutableArray<string>.Builder resources = ImmutableArray.CreateBuilder<string>();
        foreach ((Json.JsonValue value, string path) in place.List("sealed", PolicyLimits.SealedResources))
        {
            string resource = Values.Text(place.Problems, value, path, PolicyLimits.TextChars);
            Resources.Check(place.Problems, resource, path);
            resources.Add(resource);
        }

        if (resources.Count == 0)
        {
            place.Problems.Add(place.PathOf("sealed"), "names no resource of the key broker: a list such as [kbs:///app/keys/seal]");
        }

        return resources.ToImmutable();
    }

    /// <summary>Sealed values need somebody who seals, and somewhere to get the keys from.</summary>
    public static void Check(Problems problems, PolicyDocument document)
    {
        if (document.SealedResources.IsEmpty)
        {
            return;
        }

        if (document.Attestation.KeyBrokerUrl.Length == 0)
        {
            problems.Add("attestation", "sealed values are opened with what a key broker releases: name it under attestation.keyBroker");
        }

        if (!document.Owners.Any(o => o.May.Contains("seal")))
        {
            problems.Add("owners", "sealed values are signed by an owner who may: [seal]");
        }

        if (document.SealedResources.Length + document.Secrets.Length > PolicyLimits.ListItems)
        {
            problems.Add("secrets", $"with the resources of sealed values there are more than {PolicyLimits.ListItems}");
        }
    }
}
