using System.Security.Cryptography;

namespace Pavise.Host.Installation;

/// <summary>Puts files onto the node in one step each: a reader, or a program that starts, sees the old or the new one.</summary>
internal static class NodeFiles
{
    private const string NewSuffix = ".pavise-new";

    /// <summary>Everybody reads and executes.</summary>
    public const UnixFileMode Program = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Everybody reads.</summary>
    public const UnixFileMode Data = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>SHA-256 of a file in hexadecimal; null when there is none.</summary>
    public static string? Digest(string path)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return Convert.ToHexStringLower(SHA256.HashData(file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Copies a file.</summary>
    public static void Copy(string from, string to, UnixFileMode mode)
    {
        using FileStream source = File.OpenRead(from);
        Put(to, mode, target => source.CopyTo(target));
    }

    /// <summary>Writes bytes.</summary>
    public static void Write(string to, ReadOnlySpan<byte> bytes, UnixFileMode mode)
    {
        byte[] copy = bytes.ToArray();
        Put(to, mode, target => target.Write(copy));
    }

    /// <summary>Removes a folder, and its parents up to a given one, as long as they are empty.</summary>
    public static void RemoveIfEmpty(string folder)
    {
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    private static void Put(string to, UnixFileMode mode, Action<FileStream> write)
    {
        string temporary = to + NewSuffix;
        File.Delete(temporary);
        try
        {
            using (FileStream target = new(temporary, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
            {
                write(target);
                target.Flush(flushToDisk: true);
            }

            // The mask of new files must not decide who may run the programs.
            File.SetUnixFileMode(temporary, mode);
            File.Move(temporary, to, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
