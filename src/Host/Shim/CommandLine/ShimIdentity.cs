using System.Text;

namespace Pavise.Host.Shim.CommandLine;

/// <summary>What follows from containerd's address, its namespace and a task's group: where a shim listens and where a pVM's sandbox directory is.</summary>
internal static class ShimIdentity
{
    /// <summary>Where containerd's shims have their sockets.</summary>
    public const string SocketFolder = "/run/containerd/s";

    /// <summary>Annotations by which containers share a shim: the one that containerd's runc shim knows, and a pod's id as containerd's CRI plugin and CRI-O write it.</summary>
    private static readonly string[] Groups = ["io.containerd.runc.v2.group", "io.kubernetes.cri.sandbox-id", "io.kubernetes.cri-o.SandboxID"];

    private const int DirectoryNameDigits = 24;

    /// <summary>Tasks of one group share a shim: a pod, or what the group annotation says, else the task alone.</summary>
    public static string Group(IReadOnlyDictionary<string, string> annotations, string id) =>
        Groups.Select(g => annotations.GetValueOrDefault(g)).FirstOrDefault(g => g is not null) ?? id;

    /// <summary>Where a group's shim listens. Hashed, since a Unix address holds 107 bytes.</summary>
    public static string SocketPath(ShimArguments arguments, string group) =>
        $"{SocketFolder}/{Hash(arguments, group)}";

    /// <summary>Name of the sandbox directory of the pVM that a task owns; short, since sockets are made in it.</summary>
    public static string SandboxName(ShimArguments arguments, string id) => Hash(arguments, id)[..DirectoryNameDigits];

    /// <summary>
    /// FNV-1a with 128 bits (draft-eastlake-fnv), in hexadecimal digits. Names only have to differ, and a cryptographic library takes longer to load
    /// than the whole action that needs the name.
    /// </summary>
    private static string Hash(ShimArguments arguments, string id)
    {
        UInt128 prime = new(1UL << 24, 0x13B), hash = new(0x6C62272E07BB0142, 0x62B821756295C58D);
        foreach (byte b in Encoding.UTF8.GetBytes(Path.Join(arguments.Address, arguments.Namespace, id)))
        {
            hash = unchecked((hash ^ b) * prime);
        }

        return hash.ToString("x32");
    }
}
