using System.Globalization;
using System.Text.Json;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers.Configuration;

/// <summary>OCI <c>mounts</c>. What a kind of mount always is stands here; only size, mode, read-only and noexec come from the plan.</summary>
internal static partial class CrunConfig
{
    /// <summary>Size of /dev and /dev/shm where the plan names none: what every container engine gives them.</summary>
    private const ulong StandardBytes = 64 * 1024 * 1024;

    private static void WriteMounts(Utf8JsonWriter json, ContainerPlan plan, ContainerLayout layout)
    {
        json.WriteStartArray("mounts");
        for (int i = 0; i < plan.Mounts.Length; i++)
        {
            MountPlan mount = plan.Mounts[i];
            (string type, string source) = TypeAndSource(mount.Kind, layout.Sources[i]);
            json.WriteStartObject();
            json.WriteString("destination", mount.Destination);
            json.WriteString("type", type);
            json.WriteString("source", source);
            WriteStrings(json, "options", Options(mount));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static (string Type, string Source) TypeAndSource(MountKind kind, string bound) => kind switch
    {
        MountKind.Proc => ("proc", "proc"),
        MountKind.Dev => ("tmpfs", "tmpfs"),
        MountKind.DevPts => ("devpts", "devpts"),
        MountKind.Shm => ("tmpfs", "shm"),
        MountKind.Mqueue => ("mqueue", "mqueue"),
        MountKind.Sysfs => ("sysfs", "sysfs"),
        MountKind.Cgroup => ("cgroup", "cgroup"),
        MountKind.Tmpfs => ("tmpfs", "tmpfs"),
        MountKind.Volume or MountKind.HostFiles or MountKind.Secret or MountKind.Network when bound.Length > 0 => ("bind", bound),
        _ => throw new InvalidOperationException($"a mount of kind {kind} without a source"),
    };

    private static List<string> Options(MountPlan mount)
    {
        List<string> options = mount.Kind switch
        {
            MountKind.Proc => ["nosuid", "nodev", "noexec"],
            MountKind.Dev => ["nosuid", "strictatime"],
            MountKind.DevPts => ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
            MountKind.Shm or MountKind.Mqueue => ["nosuid", "nodev", "noexec"],
            MountKind.Sysfs => ["nosuid", "nodev", "noexec", "ro"],
            MountKind.Cgroup => ["nosuid", "nodev", "noexec", "relatime", "ro"],
            MountKind.Tmpfs => ["nosuid", "nodev"],
            MountKind.Volume => ["rbind", "rprivate", "nosuid", "nodev"],
            MountKind.HostFiles or MountKind.Secret or MountKind.Network => ["rbind", "rprivate", "nosuid", "nodev", "noexec", "ro"],
            _ => throw new InvalidOperationException($"unknown kind of mount {mount.Kind}"),
        };
        if (mount.NoExec && !options.Contains("noexec"))
        {
            options.Add("noexec");
        }

        if (mount.ReadOnly && !options.Contains("ro"))
        {
            options.Add("ro");
        }

        if (mount.Kind is MountKind.Dev or MountKind.Shm or MountKind.Tmpfs)
        {
            uint standard = mount.Kind == MountKind.Dev ? 0x1EDu : 0x3FFu;
            options.Add($"mode={Convert.ToString(mount.Mode ?? standard, 8)}");
            ulong size = mount.SizeBytes > 0 || mount.Kind == MountKind.Tmpfs ? mount.SizeBytes : StandardBytes;
            if (size > 0)
            {
                options.Add(string.Create(CultureInfo.InvariantCulture, $"size={size}"));
            }
        }

        return options;
    }
}
