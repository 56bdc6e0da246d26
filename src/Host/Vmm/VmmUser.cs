using Pavise.Host.Interop;

namespace Pavise.Host.Vmm;

/// <summary>The user that QEMU runs as, and the command that becomes it.</summary>
internal sealed record VmmUser(string Name, uint Uid, uint Gid)
{
    private const string Fallback = "nobody";
    private const string KvmDevice = "/dev/kvm";

    /// <summary>Finds the user, else <c>nobody</c>, in the text of /etc/passwd; null when there is neither.</summary>
    public static VmmUser? Find(string name, string passwd) => Lookup(name, passwd) ?? Lookup(Fallback, passwd);

    /// <summary>
    /// Arguments of setpriv that give up everything and become the user: QEMU dies with the visor's thread, gains nothing by set-uid
    /// programs, has no capability and no group but the one that may open /dev/kvm. setpriv changes the user before it asks for the
    /// parent-death signal, which the kernel would otherwise drop.
    /// </summary>
    public IEnumerable<string> Arguments(bool kvm)
    {
        string groups = kvm && File.Exists(KvmDevice) ? $"--groups={NativeStat.Read(KvmDevice).Gid}" : "--clear-groups";
        return ["setpriv", $"--reuid={Uid}", $"--regid={Gid}", groups, "--inh-caps=-all", "--bounding-set=-all", "--no-new-privs", "--pdeathsig=KILL", "--"];
    }

    private static VmmUser? Lookup(string name, string passwd)
    {
        foreach (string line in passwd.Split('\n'))
        {
            string[] fields = line.Split(':');
            if (fields.Length >= 4 && fields[0] == name && uint.TryParse(fields[2], out uint uid) && uint.TryParse(fields[3], out uint gid))
            {
                return new VmmUser(name, uid, gid);
            }
        }

        return null;
    }
}
