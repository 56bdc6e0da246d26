using Pavise.Guest.Boot;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Evidence;

/// <summary>Finds what attests this launch.</summary>
internal static class EvidenceSources
{
    private const string Configfs = "/sys/kernel/config";

    /// <summary>The real source of this virtual machine, in the order configfs-tsm, /dev/sev-guest; null when there is none.</summary>
    /// <param name="modules">Brings the drivers, where they are modules.</param>
    public static IEvidenceSource? FindReal(ModuleLoader modules)
    {
        modules.Load("tee");
        try
        {
            LinuxMounts.Mount("configfs", Configfs, "configfs", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec);
        }
        catch (LinuxException)
        {
            // A kernel without configfs has no reports there.
        }

        return TsmEvidence.Find(new TsmFolder(TsmFolder.Kernel)) ?? SevGuestEvidence.Find() as IEvidenceSource;
    }
}
