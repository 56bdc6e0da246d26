using System.Text;
using Pavise.Images;

namespace Pavise.Owner.Policies.Generation;

/// <summary>What an image says: how it is run, who its users are, and its verified root.</summary>
/// <param name="Reference">As the owner named it.</param>
/// <param name="RootHash"><c>verity-sha256:…</c>.</param>
/// <param name="Configuration">How it is run.</param>
/// <param name="Users">/etc/passwd and /etc/group.</param>
/// <param name="Folders">Folders that applications expect to be writable, of those that the image has.</param>
internal sealed record ImageFacts(string Reference, string RootHash, ImageConfiguration Configuration, UserTable Users, IReadOnlySet<string> Folders)
{
    private const int MostUserBytes = 1024 * 1024, FollowedLinks = 16;
    private static readonly string[] Looked = ["/tmp", "/run", "/var/run", "/var/tmp"];

    /// <summary>Reads an image once: tree, users, root hash.</summary>
    /// <param name="source">Layout, archive or folder.</param>
    /// <param name="reference">How the policy names it.</param>
    /// <param name="tag">Which image, where the source holds several.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static async Task<ImageFacts> ReadAsync(string source, string reference, string? tag, CancellationToken cancellation)
    {
        using ImageSource image = ImageSource.Open(source, tag);
        ImageConfiguration configuration = image.ReadConfiguration() ?? new();
        ImageInode tree = await Task.Run(() => image.ReadTree(cancellation), cancellation);
        UserTable users = new(TextOf(tree, "/etc/passwd"), TextOf(tree, "/etc/group"));
        HashSet<string> folders = [.. Looked.Where(p => Find(tree, p) is { Kind: FileKind.Directory })];
        string file = Path.GetTempFileName();
        try
        {
            RootImageInfo info = await RootImageBuilder.BuildAsync(tree, file, cancellation);
            return new(reference, $"verity-sha256:{info.RootHashHex}", configuration, users, folders);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string TextOf(ImageInode tree, string path)
    {
        if (Find(tree, path) is not { Kind: FileKind.Regular, Content: { } content, Size: <= MostUserBytes } found)
        {
            return "";
        }

        using Stream stream = content();
        byte[] bytes = new byte[found.Size];
        stream.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private static ImageInode? Find(ImageInode root, string path)
    {
        List<ImageInode> trail = [root];
        Queue<string> left = new(path.Split('/', StringSplitOptions.RemoveEmptyEntries));
        int links = 0;
        while (left.TryDequeue(out string? part))
        {
            if (part == "..")
            {
                if (trail.Count > 1)
                {
                    trail.RemoveAt(trail.Count - 1);
                }

                continue;
            }

            ImageInode? next = part == "." ? trail[^1] : trail[^1].Entries.GetValueOrDefault(Encoding.UTF8.GetBytes(part));
            if (next is { Kind: FileKind.SymbolicLink })
            {
                string target = Encoding.UTF8.GetString(next.Target);
                if (++links > FollowedLinks)
                {
                    return null;
                }

                if (target.StartsWith('/'))
                {
                    trail.RemoveRange(1, trail.Count - 1);
                }

                left = new(target.Split('/', StringSplitOptions.RemoveEmptyEntries).Concat(left));
                continue;
            }

            if (next is null)
            {
                return null;
            }

            trail.Add(next);
        }

        return trail[^1];
    }
}
