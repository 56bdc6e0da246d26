using System.Collections.Immutable;
using Pavise.Policy.Json;
using Pavise.Policy.Model.Reading;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>mounts</c>.</summary>
internal static class MountParser
{
    private static readonly string[] Kinds = ["volume", "tmpfs", "files", "from"];

    public static ImmutableArray<MountEntry> Parse(Section container, ImmutableSortedDictionary<string, VolumeEntry> volumes, bool isSealed, ProcessEntry process)
    {
        List<MountEntry> mounts = [];
        foreach (Section s in container.Children("mounts"))
        {
            string path = Values.AbsolutePath(s.Problems, s.Text("path"), s.PathOf("path"));
            CheckPlace(s, path, mounts);
            string[] kinds = [.. Kinds.Where(s.Has)];
            if (kinds.Length != 1)
            {
                s.Problems.Add(s.Path, "a mount is made of exactly one of: volume, tmpfs (a size), files (names and digests), from: host");
            }

            bool readOnly = s.Flag("readOnly", absent: false);
            bool exec = s.Flag("exec", absent: false);
            if (exec && isSealed && !readOnly)
            {
                s.Problems.Add(s.PathOf("exec"), "code from a writable mount needs executables: open");
            }

            mounts.Add(kinds.FirstOrDefault() switch
            {
                "volume" => Volume(s, path, volumes, readOnly, !exec),
                "tmpfs" => new(MountSource.Tmpfs, new(path, MountKind.Tmpfs) { ReadOnly = readOnly, NoExec = !exec, SizeBytes = s.Size("tmpfs") ?? 1, Mode = Mode(s) }, true),
                "files" => PinnedFiles(s, path),
                _ => HostFile(s, path, process),
            });
            s.Close();
        }

        return [.. mounts];
    }

    private static void CheckPlace(Section s, string path, List<MountEntry> before)
    {
        bool system = path is "/" or "/proc" or "/sys" or "/dev" || path.StartsWith("/proc/", StringComparison.Ordinal) || path.StartsWith("/sys/", StringComparison.Ordinal)
            || (path.StartsWith("/dev/", StringComparison.Ordinal) && path != "/dev/shm");
        if (system)
        {
            s.Problems.Add(s.PathOf("path"), "nothing can be mounted on /, /proc, /sys and /dev, or below them (except /dev/shm)");
        }

        if (before.Any(m => m.Path == path))
        {
            s.Problems.Add(s.PathOf("path"), "another mount has this path");
        }
    }

    private static uint? Mode(Section s) => s.OptionalText("mode") is { } mode ? Values.Mode(s.Problems, mode, s.PathOf("mode")) : 0x3ff;

    private static MountEntry Volume(Section s, string path, ImmutableSortedDictionary<string, VolumeEntry> volumes, bool readOnly, bool noExec)
    {
        string name = s.Text("volume");
        if (!volumes.TryGetValue(name, out VolumeEntry? volume))
        {
            s.Problems.Add(s.PathOf("volume"), $"there is no volume {Values.Shown(name)}{Suggestion.For(name, volumes.Keys)}");
        }

        if (!noExec && volume?.Kind == VolumeKind.Shared)
        {
            s.Problems.Add(s.PathOf("exec"), "nothing can be executed from a shared volume: the host would choose the code");
        }

        EncryptedVolumePlan? encrypted = volume is { Kind: VolumeKind.Encrypted } v ? new(v.Name, v.SizeBytes, v.Key, v.FreshAtBroker) : null;
        return new(MountSource.Volume, new(path, MountKind.Volume) { VolumeName = name, ReadOnly = readOnly, NoExec = noExec, SizeBytes = volume?.SizeBytes ?? 0, Mode = volume?.Mode, Encrypted = encrypted, IsShared = volume?.Kind == VolumeKind.Shared }, true);
    }

    private static MountEntry PinnedFiles(Section s, string path)
    {
        List<HostFilePlan> files = [];
        foreach ((string name, JsonValue value, string where) in s.Named("files"))
        {
            if (!Paths.IsFileName(name))
            {
                s.Problems.Add(where, $"{Values.Shown(name)} is not a file name");
            }

            files.Add(new(name, Values.Digest(s.Problems, Values.Text(s.Problems, value, where, 128), where), PolicyLimits.HostFileBytes));
        }

        if (files.Count == 0)
        {
            s.Problems.Add(s.PathOf("files"), "names no file");
        }

        return new(MountSource.PinnedFiles, new(path, MountKind.HostFiles) { ReadOnly = true, NoExec = true, Files = [.. files.OrderBy(f => f.Name, StringComparer.Ordinal)] }, true);
    }

    private static MountEntry HostFile(Section s, string path, ProcessEntry process)
    {
        s.Word("from", "host");
        string? digest = s.OptionalText("digest", 128) is { } pinned ? Values.Digest(s.Problems, pinned, s.PathOf("digest")) : null;
        bool required = s.Flag("required", absent: digest is not null);
        ulong most = s.Size("maxSize") ?? PolicyLimits.HostFileBytes;
        if (most > PolicyLimits.HostFileBytes)
        {
            s.Problems.Add(s.PathOf("maxSize"), $"is above {PolicyLimits.HostFileBytes} bytes");
        }

        SealedFilePlan? opened = Opened(s, process);
        if (digest is not null && opened is not null)
        {
            s.Problems.Add(s.PathOf("digest"), "pins a content that comes in clear: a sealed one is authenticated already");
        }

        return new(MountSource.HostFile, new(path, MountKind.HostFiles) { ReadOnly = true, NoExec = true, Files = [new("", digest, most) { Sealed = opened }] }, required);
    }

    /// <summary>What becomes of a sealed file once it is open: a secret's permissions, unless the policy says others.</summary>
    private static SealedFilePlan? Opened(Section s, ProcessEntry process)
    {
        ImmutableArray<string> resources = SealedParser.Parse(s);
        return resources.IsEmpty ? null : new(
            resources,
            s.OptionalText("mode") is { } mode ? Values.Mode(s.Problems, mode, s.PathOf("mode")) : SecretParser.DefaultMode,
            (uint)s.Integer("uid", 0, uint.MaxValue - 1, process.Uid),
            (uint)s.Integer("gid", 0, uint.MaxValue - 1, process.Gid));
    }
}
