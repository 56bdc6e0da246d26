using System.Collections.Immutable;
using System.Security.Cryptography;
using Pavise.Policy.Json;
using Pavise.Policy.Model.Parsing;

namespace Pavise.Policy.Model;

/// <summary>A policy as the guest believes it: parsed from canonical JSON, checked, with its rules compiled.</summary>
public sealed record PolicyDocument
{
    /// <summary>The one value of <c>apiVersion</c>.</summary>
    public const string ApiVersion = "pavise.dev/v1";

    /// <summary>Name of the policy.</summary>
    public required string Name { get; init; }
    /// <summary>Version; only grows, the key broker refuses an older one.</summary>
    public required long Version { get; init; }
    /// <summary>Whether a host's value that would have no effect is refused where it asks for more than the policy gives.</summary>
    public required bool Strict { get; init; }
    /// <summary>Owners.</summary>
    public required ImmutableArray<OwnerEntry> Owners { get; init; }
    /// <summary>The pVM as a whole.</summary>
    public required SandboxSettings Sandbox { get; init; }
    /// <summary>Containers that may exist.</summary>
    public required ImmutableArray<ContainerEntry> Containers { get; init; }
    /// <summary>Volumes by name.</summary>
    public required ImmutableSortedDictionary<string, VolumeEntry> Volumes { get; init; }
    /// <summary>Secrets.</summary>
    public required ImmutableArray<SecretEntry> Secrets { get; init; }
    /// <summary>Network.</summary>
    public required NetworkEntry Network { get; init; }
    /// <summary>What the host sees and may ask beyond the containers.</summary>
    public required HostEntry Host { get; init; }
    /// <summary>Evidence and key broker.</summary>
    public required AttestationEntry Attestation { get; init; }

    /// <summary>The canonical bytes that the digests cover.</summary>
    public required ReadOnlyMemory<byte> CanonicalBytes { get; init; }

    /// <summary>Whether refusals tell the host rule, reason and hint.</summary>
    public bool ErrorsDetailed => Host.ErrorsDetailed;

    /// <summary>Whether a volume is encrypted.</summary>
    public bool HasEncryptedVolumes => Volumes.Values.Any(v => v.Kind == VolumeKind.Encrypted);

    /// <summary>Whether a volume is the host's files.</summary>
    public bool HasSharedVolumes => Volumes.Values.Any(v => v.Kind == VolumeKind.Shared);

    /// <summary>Root images that may be attached.</summary>
    public required ImmutableHashSet<RootHash> Roots { get; init; }

    /// <summary>Resources that sealed values may use, each once.</summary>
    public ImmutableArray<string> SealedResources => [.. Containers
        .SelectMany(c => c.Process.Env.SelectMany(e => e.Sealed).Concat(c.Mounts.SelectMany(m => m.Files).SelectMany(f => f.Sealed?.Resources ?? [])))
        .Distinct(StringComparer.Ordinal)];

    /// <summary>SHA-256 of the canonical bytes: HOST_DATA on SNP.</summary>
    public byte[] Sha256() => SHA256.HashData(CanonicalBytes.Span);

    /// <summary>SHA-384 of the canonical bytes: MRCONFIGID on TDX.</summary>
    public byte[] Sha384() => SHA384.HashData(CanonicalBytes.Span);

    /// <summary>Parses canonical JSON (RFC 8785). Bytes that are not in canonical form, an unknown key, a value out of range: refused.</summary>
    /// <exception cref="PolicyFormatException">Says what is wrong and where.</exception>
    public static PolicyDocument ParseCanonical(ReadOnlySpan<byte> utf8)
    {
        JsonValue tree;
        try
        {
            tree = JsonTree.Parse(utf8, PolicyLimits.PolicyBytes);
        }
        catch (JsonFormatException e)
        {
            throw new PolicyFormatException($"the policy is malformed: {e.Message}");
        }

        byte[] canonical = CanonicalJson.Write(tree);
        if (!utf8.SequenceEqual(canonical))
        {
            throw new PolicyFormatException($"the policy is not in canonical form (RFC 8785) from byte {utf8.CommonPrefixLength(canonical)} on; write it with: pavise policy compile");
        }

        return DocumentParser.Parse(tree, canonical);
    }

    /// <summary>Checks a tree that a front end has read, and takes its canonical form.</summary>
    /// <exception cref="PolicyFormatException">Says what is wrong and where.</exception>
    public static PolicyDocument FromTree(JsonValue tree)
    {
        byte[] canonical;
        try
        {
            canonical = CanonicalJson.Write(tree);
        }
        catch (JsonFormatException e)
        {
            throw new PolicyFormatException(e.Message);
        }

        return canonical.Length <= PolicyLimits.PolicyBytes
            ? DocumentParser.Parse(tree, canonical)
            : throw new PolicyFormatException($"the policy has {canonical.Length} bytes, more than the {PolicyLimits.PolicyBytes} that a guest reads");
    }
}
