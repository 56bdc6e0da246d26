using System.Text;
using Pavise.Guest.Network.Kernel;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Network;

/// <summary>The files by which an application finds the network: made by the guest, the same for all containers of the pod.</summary>
internal static class NetworkFiles
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Where they are.</summary>
    public static string Folder(string workDirectory) => Path.Combine(workDirectory, "network");

    /// <summary>The file to bind at a mount of the plan.</summary>
    public static string SourceOf(string folder, MountPlan mount) => Path.Combine(folder, Path.GetFileName(mount.Destination));

    /// <summary>Writes them.</summary>
    public static void Write(string folder, NetworkEntry network, PodAddresses addresses, string hostname)
    {
        Directory.CreateDirectory(folder);
        Write(Path.Combine(folder, "resolv.conf"), $"nameserver {PacketRules.Resolver}\n{(network.Search.IsEmpty ? "" : $"search {string.Join(' ', network.Search)}\noptions ndots:5\n")}");
        StringBuilder hosts = new("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n");
        foreach (System.Net.IPAddress address in hostname.Length > 0 ? addresses.First : [])
        {
            hosts.Append(address).Append('\t').Append(hostname).Append('\n');
        }

        Write(Path.Combine(folder, "hosts"), hosts.ToString());
    }

    private static void Write(string path, string text)
    {
        File.WriteAllText(path, text);
        File.SetUnixFileMode(path, Readable);
    }
}
