using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;

namespace Pavise.Owner.Policies.Lints;

/// <summary>Lints about the policy as a whole: attestation, network, what the host sees.</summary>
internal static class WholeLints
{
    private static readonly string Zeros = new('0', 64);

    public static ImmutableArray<Lint> All { get; } =
    [
        new("no-tee", Weight.Error, "No evidence is accepted: no pVM can bind the policy.",
            p => p.Attestation.Tees.IsEmpty ? [("attestation.tees", "no kind of evidence is accepted, so nothing can ever run; write tees: [snp, tdx]")] : []),
        new("sim-tee", Weight.Warning, "Simulated evidence is accepted: the host can make it, so the host can read everything.",
            p => p.Attestation.Tees.Contains("sim") ? [("attestation.tees", "sim accepts evidence that any host can make: for development only")] : []),
        new("placeholder", Weight.Error, "A value that stands in for one that is still to be written.", Placeholders),
        new("insecure-egress", Weight.Warning, "The application talks to a peer without TLS of the shield: the host reads and changes it unless the application protects it itself.",
            p => p.Network.Egress.Select((e, i) => (e, i)).Where(e => !e.e.RequireTls).Select(e => ($"network.egress[{e.i}]", $"{e.e.Host}:{e.e.Port} without tls: require: the host reads and changes what is sent, unless the application protects it itself"))),
        new("unpinned-egress", Weight.Warning, "TLS is required and no CA is pinned: any public authority can vouch for the peer.",
            p => p.Network.Egress.Select((e, i) => (e, i)).Where(e => e.e.RequireTls && e.e.CaSha256Hex.Length == 0).Select(e => ($"network.egress[{e.i}]", $"{e.e.Host}:{e.e.Port} without ca: every public authority can vouch for it; pin the CA's digest"))),
        new("insecure-ingress", Weight.Warning, "A port without TLS of the shield: the host reads and changes it unless the application protects it itself.",
            p => p.Network.Ingress.Select((e, i) => (e, i)).Where(e => !e.e.TerminateTls).Select(e => ($"network.ingress[{e.i}]", $"port {e.e.Port} without tls: terminate: the host reads and changes what is sent, unless the application protects it itself"))),
        new("shared-volume", Weight.Warning, "The host reads and writes the volume.",
            p => p.Volumes.Values.Where(v => v.Kind == VolumeKind.Shared).Select(v => ($"volumes.{v.Name}", "the host reads and writes everything in it"))),
        new("stale-volume", Weight.Warning, "The host can put back an older state of an encrypted volume.",
            p => p.Volumes.Values.Where(v => v.Kind == VolumeKind.Encrypted && !v.FreshAtBroker).Select(v => ($"volumes.{v.Name}", "the host can put back an older state of it; write freshness: broker"))),
        new("detailed-errors", Weight.Warning, "Refusals tell the host the policy's rule, reason and hint.",
            p => p.Host.ErrorsDetailed ? [("host.errors", "detailed tells the host why it was refused: for development")] : []),
        new("exact-stats", Weight.Warning, "The host sees resource use as measured, a side channel.",
            p => p.Host.Stats == StatsDisclosure.Exact ? [("host.stats", "exact numbers are a side channel; coarse is enough for a scheduler")] : []),
        new("process-names", Weight.Warning, "The host sees names of processes.",
            p => p.Host.Processes == ProcessDisclosure.Names ? [("host.processes", "the host sees names of programs; count is enough for a scheduler")] : []),
        new("pause", Weight.Warning, "The host may stop the application between two instructions.",
            p => p.Host.Pause ? [("host.pause", "a frozen container misses its time-outs at moments that the host chooses")] : []),
    ];

    private static IEnumerable<(string, string)> Placeholders(PolicyDocument policy)
    {
        if (policy.Attestation.KeyBrokerKeySha256Hex == Zeros || policy.Attestation.KeyBrokerUrl.EndsWith(".invalid", StringComparison.Ordinal))
        {
            yield return ("attestation.keyBroker", "stands in for your key broker; pavise kb init prints the lines");
        }

        foreach (ContainerEntry container in policy.Containers.Where(c => c.Root.Hex == Zeros))
        {
            yield return ($"{container.RulePath}.image.rootfs", "stands in for a root hash; find it with: pavise image hash");
        }
    }
}
