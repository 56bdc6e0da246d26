using System.Collections.Immutable;
using Pavise.Policy.Model;
using Pavise.Policy.Oci;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Rules;

/// <summary>The effective mounts: the standard ones, and those of the policy. The host's only say whether a file that it may bring is there.</summary>
internal static class MountPlans
{
    private const ulong ShmBytes = 64UL << 20, DevBytes = 64UL << 10;

    private static readonly MountPlan[] Standard =
    [
        new("/proc", MountKind.Proc),
        new("/dev", MountKind.Dev) { SizeBytes = DevBytes, Mode = 0x1ED },
        new("/dev/pts", MountKind.DevPts),
        new("/dev/shm", MountKind.Shm) { SizeBytes = ShmBytes, Mode = 0x3FF },
        new("/dev/mqueue", MountKind.Mqueue),
        new("/sys", MountKind.Sysfs) { ReadOnly = true },
        new("/sys/fs/cgroup", MountKind.Cgroup) { ReadOnly = true },
    ];

    /// <summary>Destinations that engines mount by themselves for every container: what the policy does not declare there is dropped without blame.</summary>
    private static readonly string[] Engines = ["/etc/hosts", "/etc/resolv.conf", "/etc/hostname", "/run/.containerenv", "/run/secrets", "/dev/shm", "/dev/termination-log", "/etc/mtab", "/var/run/secrets/kubernetes.io/serviceaccount"];

    /// <summary>What the guest makes where the pod has a network, unless the policy has something of its own there.</summary>
    private static readonly string[] NetworkFiles = ["/etc/resolv.conf", "/etc/hosts"];

    public static ImmutableArray<MountPlan> Of(ContainerEntry entry, OciSpec spec, NetworkEntry network)
    {
        ImmutableArray<MountPlan>.Builder mounts = ImmutableArray.CreateBuilder<MountPlan>();
        mounts.AddRange(Standard.Where(s => !entry.Mounts.Any(m => m.Path == s.Destination)).Select(s => s.Kind == MountKind.Proc && entry.CodeIsFixed ? s with { ReadOnly = true } : s));

        // Parents before what lies below them.
        IEnumerable<MountPlan> secrets = entry.Secrets.Where(s => s.File.Length > 0).Select(s => new MountPlan(s.File, MountKind.Secret) { ReadOnly = true });
        IEnumerable<MountPlan> files = NetworkFiles.Where(f => !network.IsEmpty && !entry.Mounts.Any(m => m.Path == f || IsBelow(f, m.Path))).Select(f => new MountPlan(f, MountKind.Network) { ReadOnly = true });
        mounts.AddRange(entry.Mounts.Where(m => m.Source is not MountSource.HostFile || Brought(m, spec)).Select(m => m.Plan).Concat(secrets).Concat(files).OrderBy(m => m.Destination.Count(c => c == '/')));
        return mounts.DrainToImmutable();
    }

    /// <summary>The first mount of the entry whose files the host must bring and has no bind mount for.</summary>
    public static MountEntry? FirstMissing(ContainerEntry entry, OciSpec spec)
    {
        foreach (MountEntry mount in entry.Mounts)
        {
            if (mount.Source is MountSource.PinnedFiles or MountSource.HostFile && mount.Required && !Brought(mount, spec))
            {
                return mount;
            }
        }

        return null;
    }

    /// <summary>Notes mounts that the policy does not have.</summary>
    public static void Compare(Findings findings, ContainerEntry entry, OciSpec spec)
    {
        foreach (OciMount mount in spec.Mounts)
        {
            string destination = Paths.Normal(mount.Destination);
            bool declared = IsDeclared(entry, destination, mount);
            bool standard = mount.Type is not ("bind" or "") && Standard.Any(s => s.Destination == destination);
            if (!declared && !standard && !IsCgroup(destination, mount))
            {
                findings.Add($"mounts[{(destination.Length <= 128 ? destination : destination[..128])}]", "mounts", more: !Engines.Contains(destination));
            }
        }
    }

    /// <summary>Cgroup version 1 comes as one mount per controller.</summary>
    private static bool IsCgroup(string destination, OciMount mount) => mount.Type is "cgroup" or "cgroup2" && (destination == "/sys/fs/cgroup" || destination.StartsWith("/sys/fs/cgroup/", StringComparison.Ordinal));

    /// <summary>Whether the host has what a mount of the policy needs: a mount there, a bind mount above it, or one for each of its files.</summary>
    private static bool Brought(MountEntry mount, OciSpec spec) =>
        IsAt(mount.Path, spec) || (mount.Source == MountSource.PinnedFiles && mount.Files.All(f => IsAt(PathOf(mount, f), spec)));

    private static bool IsAt(string path, OciSpec spec)
    {
        foreach (OciMount asked in spec.Mounts)
        {
            string destination = Paths.Normal(asked.Destination);
            if (asked.Source.Length > 0 && (destination == path || (IsBind(asked) && IsBelow(path, destination))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsDeclared(ContainerEntry entry, string destination, OciMount asked)
    {
        foreach (MountEntry mount in entry.Mounts)
        {
            if (mount.Path == destination || (IsBind(asked) && mount.Files.Length > 0 && (IsBelow(mount.Path, destination) || mount.Files.Any(f => PathOf(mount, f) == destination))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsBind(OciMount mount) => mount.Type is "bind" or "" || mount.Options.Contains("bind") || mount.Options.Contains("rbind");

    private static bool IsBelow(string path, string directory) => path.Length > directory.Length && path[directory.Length] == '/' && path.StartsWith(directory, StringComparison.Ordinal);

    private static string PathOf(MountEntry mount, HostFilePlan file) => file.Name.Length == 0 ? mount.Path : $"{mount.Path}/{file.Name}";
}
