using System.Collections.Immutable;
using Pavise.Guest.Interop;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Secrets;

/// <summary>Writes the secrets of one container that are files: in guest memory, each with the owner and permissions of the policy.</summary>
internal static class SecretFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes them below a folder.</summary>
    /// <param name="mounts">All mounts of the container.</param>
    /// <param name="secrets">Its secrets.</param>
    /// <param name="released">What was released.</param>
    /// <param name="folder">Where they are kept until the container is deleted.</param>
    /// <returns>Per mount the file to bind, or empty.</returns>
    /// <exception cref="InvalidDataException">A secret was not released.</exception>
    public static ImmutableArray<string> Write(ImmutableArray<MountPlan> mounts, ImmutableArray<SecretPlan> secrets, ReleasedSecrets released, string folder)
    {
        string[] sources = new string[mounts.Length];
        for (int i = 0; i < mounts.Length; i++)
        {
            sources[i] = mounts[i].Kind == MountKind.Secret ? Write(secrets.First(s => s.File == mounts[i].Destination), released, folder, i) : "";
        }

        return [.. sources];
    }

    private static string Write(SecretPlan secret, ReleasedSecrets released, string folder, int number)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{number}");
        using (FileStream file = new(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        {
            file.Write(released[secret].Span);
        }

        LinuxFiles.SetOwnerAndMode(path, secret.Uid, secret.Gid, secret.Mode);
        return path;
    }
}
