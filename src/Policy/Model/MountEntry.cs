using System.Collections.Immutable;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Model;

/// <summary>What a mount of the policy is made of.</summary>
public enum MountSource
{
    /// <summary>A volume of the policy.</summary>
    Volume,
    /// <summary>A tmpfs of its own.</summary>
    Tmpfs,
    /// <summary>Files whose content is pinned by digest.</summary>
    PinnedFiles,
    /// <summary>One file of the host: pinned by digest, or content untrusted by declaration.</summary>
    HostFile,
}

/// <summary>One mount of a container.</summary>
/// <param name="Source">What it is made of.</param>
/// <param name="Plan">The effective mount.</param>
/// <param name="Required">For a host's file: whether the host must have it.</param>
public sealed record MountEntry(MountSource Source, MountPlan Plan, bool Required)
{
    /// <summary>Absolute path in the container.</summary>
    public string Path => Plan.Destination;

    /// <summary>The files the host has to bring.</summary>
    public ImmutableArray<HostFilePlan> Files => Plan.Files;
}

/// <summary>Kinds of volumes.</summary>
public enum VolumeKind
{
    /// <summary>tmpfs in the guest.</summary>
    Memory,
    /// <summary>Encrypted and authenticated on the host's disk.</summary>
    Encrypted,
    /// <summary>The host's files, in clear.</summary>
    Shared,
}

/// <summary>One volume.</summary>
/// <param name="Name">Name, unique in the policy.</param>
/// <param name="Kind">What it is.</param>
/// <param name="SizeBytes">Its size in bytes; 0 for a shared one.</param>
/// <param name="Key">Resource that holds its key, for an encrypted one.</param>
/// <param name="FreshAtBroker">Whether generations are registered at the key broker.</param>
/// <param name="VisibleToHost">Written by the owner of a shared volume who knows that the host reads it.</param>
/// <param name="Mode">Permissions of its root directory.</param>
public sealed record VolumeEntry(string Name, VolumeKind Kind, ulong SizeBytes, string Key, bool FreshAtBroker, bool VisibleToHost, uint Mode);
