using Pavise.Policy.Engine;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;

namespace Pavise.Policy.Rules;

/// <summary>Bind, ConfigureSandbox, AttachImage, SetClock, Shutdown, Checkpoint, SubscribeEvents.</summary>
internal static class SandboxRules
{
    /// <summary>Slots of one virtio-scsi target: the guest names disks by them.</summary>
    public const uint Slots = 256;

    /// <summary>Blocks of an image: EROFS counts them with 32 bits.</summary>
    private const ulong Blocks = uint.MaxValue;

    public static Rule<Bind>[] Bind { get; } =
    [
        new("Bind.once", (in Case<Bind> c) => c.State.Bound ? c.Refuse("", "a policy is bound already; a new policy is a new launch", kind: RefusalKind.State) : null),
        new("Bind.shielded", (in Case<Bind> c) => c.Request.Unshielded ? c.Refuse("", "a bound policy and unshielded mode exclude each other") : null),
        new("Bind.tee", (in Case<Bind> c) => !c.Policy.Attestation.Tees.Contains(c.Request.Tee)
            ? c.Refuse("attestation.tees", $"the evidence is of kind {c.Request.Tee}, the policy accepts {(c.Policy.Attestation.Tees.IsEmpty ? "none" : string.Join(", ", c.Policy.Attestation.Tees))}", $"add {c.Request.Tee} to attestation.tees")
            : null),
    ];

    public static Rule<ConfigureSandbox>[] ConfigureSandbox { get; } =
    [
        new("ConfigureSandbox.hostname", (in Case<ConfigureSandbox> c) => Hostname(c, c.Request.Hostname)),
    ];

    public static Rule<AttachImage>[] AttachImage { get; } =
    [
        new("AttachImage.root", (in Case<AttachImage> c) => c.Policy.Roots.Contains(c.Request.Root) ? null
            : c.Refuse("containers.image.rootfs", $"no container of the policy has the root image {c.Request.Root}", "take the root hash of the image you mean from: pavise image hash")),
        new("AttachImage.slot", (in Case<AttachImage> c) => c.Request.Slot < Slots ? null : c.Refuse("containers.image", $"slot {c.Request.Slot} is not below {Slots}")),
        new("AttachImage.blocks", (in Case<AttachImage> c) => c.Request.DataBlocks is > 0 and <= Blocks ? null : c.Refuse("containers.image", $"an image has 1 to {Blocks} blocks")),
    ];

    public static Rule<SetClock>[] SetClock { get; } =
    [
        new("SetClock.range", (in Case<SetClock> c) => c.Request.ProposedUnixNs is >= PolicyLimits.ClockEarliestNs and <= PolicyLimits.ClockLatestNs ? null
            : c.Refuse("host", "the proposed time is before 2026 or after 2100")),
        new("SetClock.backwards", (in Case<SetClock> c) => c.State.ClockSet && c.Request.ProposedUnixNs < c.Request.CurrentUnixNs ? c.Refuse("host", "the clock never goes backwards") : null),
        new("SetClock.jump", (in Case<SetClock> c) => c.State.ClockSet && c.Request.ProposedUnixNs - PolicyLimits.ClockJumpNs > c.State.ClockBase.UnixNs + (c.Request.ElapsedNs - c.State.ClockBase.ElapsedNs)
            ? c.Refuse("host", "all corrections of the clock together are at most an hour in one boot") : null),
        new("SetClock.broker", (in Case<SetClock> c) => c.State.ClockFromBroker ? c.Refuse("attestation.keyBroker", "the key broker says what time it is, the host no longer does") : null),
    ];

    public static Rule<Checkpoint>[] Checkpoint { get; } =
    [
        new("Checkpoint.never", (in Case<Checkpoint> c) => c.Refuse("host", "a checkpoint is the application's memory in the host's hands: never")),
    ];

    /// <summary>The host's choice of a host name, where the policy leaves it one.</summary>
    public static Refusal? Hostname<TRequest>(in Case<TRequest> c, string name) where TRequest : Request
    {
        if (name.Length == 0 || !c.Policy.Sandbox.HostnameFromHost)
        {
            return null;
        }

        return !Hostnames.IsValid(name) ? c.Refuse("sandbox.hostname", $"{Lookups.Shown(name)} is no host name")
            : c.Policy.Sandbox.HostnameMatches is { } pattern && !pattern.IsMatch(name) ? c.Refuse("sandbox.hostname", $"{Lookups.Shown(name)} does not match {pattern.Text}")
            : null;
    }
}
