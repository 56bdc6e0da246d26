using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;

namespace Pavise.Owner.Policies.Operations;

/// <summary>What a permitted request makes, line by line: everything that the policy pins. Two entries with the same lines make the same container.</summary>
internal static class Effects
{
    /// <summary>Of a container.</summary>
    public static SortedDictionary<string, string> Of(PolicyDocument policy, ContainerEntry entry)
    {
        SortedDictionary<string, string> lines = Process(entry.Process);
        lines["executables"] = entry.Sealed ? "sealed" : $"open, {Number(entry.OverlayBytes)} bytes writable";
        lines["system calls"] = Digest(entry.Seccomp);
        lines["code of a process"] = entry.CodeIsFixed ? "cannot be changed" : "the process may change its own";
        lines["standard streams"] = Streams(entry.Stdio);
        lines["exit"] = entry.Exit.ToString().ToLowerInvariant();
        lines["limits where the host asks for none"] = $"memory {entry.Resources.MemoryBytes?.ToString(CultureInfo.InvariantCulture) ?? "-"}, cpus {entry.Resources.MilliCpus?.ToString(CultureInfo.InvariantCulture) ?? "-"}, processes {entry.Resources.Pids?.ToString(CultureInfo.InvariantCulture) ?? "-"}";
        lines["host name"] = policy.Sandbox.HostnameFromHost ? "the host's choice" : policy.Sandbox.Hostname;
        foreach (MountEntry mount in entry.Mounts)
        {
            lines[$"mount {mount.Path}"] = Mount(policy, mount);
        }

        foreach (SecretPlan secret in entry.Secrets)
        {
            lines[secret.File.Length > 0 ? $"secret {secret.File}" : $"secret variable {secret.Variable}"] = $"{secret.Resource}{(secret.File.Length > 0 ? $", {Convert.ToString(secret.Mode, 8)} {Number(secret.Uid)}:{Number(secret.Gid)}" : "")}";
        }

        return lines;
    }

    /// <summary>Of an exec.</summary>
    public static SortedDictionary<string, string> Of(ExecEntry entry)
    {
        SortedDictionary<string, string> lines = Process(entry.Process);
        lines["standard streams"] = Streams(entry.Stdio);
        return lines;
    }

    private static SortedDictionary<string, string> Process(ProcessEntry process)
    {
        SortedDictionary<string, string> lines = new(StringComparer.Ordinal)
        {
            ["groups"] = $"[{string.Join(", ", process.AdditionalGids.Select(g => Number(g)))}]",
            ["capabilities"] = $"[{string.Join(", ", process.Capabilities)}]{(process.AmbientCapabilities ? ", ambient" : "")}",
            ["new privileges"] = process.NoNewPrivileges ? "never" : "by executing programs",
            ["umask"] = process.Umask is { } umask ? Convert.ToString(umask, 8) : "22",
            ["masked paths"] = string.Join(", ", process.MaskedPaths.Order(StringComparer.Ordinal)),
            ["read-only paths"] = string.Join(", ", process.ReadonlyPaths.Order(StringComparer.Ordinal)),
            ["oom score"] = (process.OomScoreAdj ?? 0).ToString(CultureInfo.InvariantCulture),
        };
        foreach (RlimitPlan limit in process.Rlimits)
        {
            lines[$"limit {limit.Type}"] = $"{Number(limit.Soft)}, {Number(limit.Hard)}";
        }

        foreach ((string name, string value) in process.Sysctls)
        {
            lines[$"kernel setting {name}"] = value;
        }

        foreach (EnvEntry env in process.Env.Where(e => e.Value is not null))
        {
            lines[env.FromHost ? $"variable {env.Name}, by default" : $"variable {env.Name}"] = env.Value!;
        }

        foreach (EnvEntry env in process.Env.Where(e => !e.Sealed.IsEmpty))
        {
            lines[$"variable {env.Name}, opened with"] = string.Join(", ", env.Sealed);
        }

        return lines;
    }

    private static string Mount(PolicyDocument policy, MountEntry mount)
    {
        string options = $"{(mount.Plan.ReadOnly ? "read-only" : "writable")}{(mount.Plan.NoExec ? "" : ", executable")}";
        return mount.Source switch
        {
            MountSource.Volume => $"volume {mount.Plan.VolumeName} ({policy.Volumes[mount.Plan.VolumeName] with { Name = "" }}), {options}",
            MountSource.Tmpfs => $"memory of {Number(mount.Plan.SizeBytes)} bytes, mode {Convert.ToString(mount.Plan.Mode ?? 0, 8)}, {options}",
            MountSource.PinnedFiles => string.Join(", ", mount.Files.Select(f => $"{f.Name} sha256:{f.Sha256Hex}")),
            _ when mount.Files[0].Sealed is { } opened => $"a sealed file opened with {string.Join(", ", opened.Resources)}, {Convert.ToString(opened.Mode, 8)} {Number(opened.Uid)}:{Number(opened.Gid)}",
            _ => mount.Files[0].Sha256Hex is { } digest ? $"sha256:{digest}" : $"the host's file, up to {Number(mount.Files[0].MaxBytes)} bytes",
        };
    }

    private static string Streams(StdioPlan s) => $"in {s.Stdin}, out {s.Stdout}, err {s.Stderr}{(s.Terminal ? ", terminal" : "")}".ToLowerInvariant();

    /// <summary>A filter is long: its calls are told apart by a digest, and shown by explain --syscalls.</summary>
    private static string Digest(SeccompPlan plan)
    {
        string text = string.Join('\n', plan.Rules.Select(r => $"{r.Action} {r.ErrnoRet} {string.Join(',', r.Names)} {string.Join(',', r.Args)}"));
        int open = plan.Rules.Where(r => r.Action == "SCMP_ACT_ALLOW").SelectMany(r => r.Names).Distinct().Count();
        return $"{open.ToString(CultureInfo.InvariantCulture)} permitted, filter {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..12]}";
    }

    private static string Number(ulong number) => number == ulong.MaxValue ? "unlimited" : number.ToString(CultureInfo.InvariantCulture);
}
