using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.Vmm;

/// <summary>
/// What holds an encrypted volume: the image file <c>pavise-NAME.img</c> in a folder (hostPath, emptyDir, a PersistentVolumeClaim with a file system), sparse, or a block
/// device (a claim in block mode).
/// </summary>
internal static class VolumeSource
{
    private const uint TypeMask = 0xF000, Regular = 0x8000, Block = 0x6000;

    /// <summary>The image's name in a folder.</summary>
    public static string FileName(string volume) => $"pavise-{volume}.img";

    /// <summary>Opens it for one pVM alone; makes or enlarges a file.</summary>
    /// <param name="source">Folder or block device.</param>
    /// <param name="volume">Name of the volume.</param>
    /// <param name="bytes">Size of the image. A larger one stays as it is.</param>
    /// <exception cref="HostException">It is something else, or in use.</exception>
    public static SafeFileHandle Open(string source, string volume, ulong bytes)
    {
        try
        {
            FileFacts facts = NativeStat.Read(source);
            return facts.IsDirectory ? OpenFile(source, FileName(volume), bytes)
                : (facts.Mode & TypeMask) == Block ? Locked(NativeVolumeFile.OpenDevice(source), source)
                : throw new HostException($"{source} is to hold the volume {volume} and is neither a folder nor a block device");
        }
        catch (SystemCallException e)
        {
            throw new HostException($"the volume {volume} cannot be opened: {e.Message}", e);
        }
    }

    private static SafeFileHandle OpenFile(string folder, string name, ulong bytes)
    {
        SafeFileHandle file = Locked(NativeVolumeFile.OpenIn(folder, name), Path.Join(folder, name));
        try
        {
            FileFacts facts = NativeStat.Read(file);
            if ((facts.Mode & TypeMask) != Regular || facts.Links != 1)
            {
                throw new HostException($"{Path.Join(folder, name)} is no file of its own");
            }

            if (facts.Size < bytes)
            {
                RandomAccess.SetLength(file, checked((long)bytes));
            }

            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The lock is the open file's: QEMU, which gets it, keeps it to its end.</summary>
    private static SafeFileHandle Locked(SafeFileHandle file, string path)
    {
        if (NativeFileLock.TryTake(file))
        {
            return file;
        }

        file.Dispose();
        throw new HostException($"{path} is in use by another pVM");
    }
}
