using System.Collections.Immutable;
using Pavise.Policy.Json;
using Pavise.Policy.Model.Reading;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads the top level of a policy.</summary>
internal static class DocumentParser
{
    public static PolicyDocument Parse(JsonValue tree, ReadOnlyMemory<byte> canonical)
    {
        Problems problems = new();
        Section root = Section.Map(problems, tree, "");
        root.Required("apiVersion");
        root.Word("apiVersion", PolicyDocument.ApiVersion);
        root.Required("kind");
        root.Word("kind", "Policy");
        root.Required("metadata");
        Section metadata = root.Child("metadata");
        string name = metadata.Present ? Values.Name(problems, metadata.Text("name"), metadata.PathOf("name")) : "";
        metadata.Required("version");
        long version = metadata.Integer("version", 1, 1L << 53, 1);
        metadata.Close();

        ImmutableSortedDictionary<string, VolumeEntry> volumes = VolumeParser.Parse(root);
        ImmutableArray<ContainerEntry> containers = ContainerListParser.Parse(root, volumes);
        ImmutableArray<SecretEntry> secrets = SecretParser.Parse(root, containers);
        containers = [.. containers.Select(c => c with { Secrets = [.. secrets.Where(s => s.Container == c.Index).Select(s => s.Plan)] })];
        PolicyDocument document = new()
        {
            Name = name,
            Version = version,
            Strict = root.Flag("strict", absent: false),
            Owners = OwnerParser.Parse(root),
            Sandbox = SandboxParser.Parse(root),
            Containers = containers,
            Volumes = volumes,
            Secrets = secrets,
            Network = NetworkParser.Parse(root),
            Host = HostParser.Parse(root),
            Attestation = AttestationParser.Parse(root),
            CanonicalBytes = canonical,
            Roots = [.. containers.Select(c => c.Root)],
        };
        if (!secrets.IsEmpty && document.Attestation.KeyBrokerUrl.Length == 0)
        {
            problems.Add("secrets", "come from a key broker: name it under attestation.keyBroker");
        }

        if (volumes.Values.FirstOrDefault(v => v.Kind == VolumeKind.Encrypted) is { } encrypted && document.Attestation.KeyBrokerUrl.Length == 0)
        {
            problems.Add($"volumes.{encrypted.Name}", "has its key at a key broker: name it under attestation.keyBroker");
        }

        SealedParser.Check(problems, document);
        if (document.Owners.IsEmpty && containers.FirstOrDefault(LeadsToOwners) is { } container)
        {
            problems.Add($"containers.{container.Index}.stdio", "a stream for the owner needs one: name its keys under owners");
        }

        root.Close();
        problems.ThrowIfAny();
        return document;
    }

    private static bool LeadsToOwners(ContainerEntry container) => container.Exec.Select(e => e.Stdio).Append(container.Stdio)
        .Any(s => s is { Stdin: StreamTarget.Owner } or { Stdout: StreamTarget.Owner } or { Stderr: StreamTarget.Owner });
}
