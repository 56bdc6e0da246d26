using System.Security.Cryptography;
using System.Text;

namespace Pavise.Host.Vmm;

/// <summary>
/// A short path to a sandbox directory for a guest of the process machine, whose sockets there must fit a Unix address (107 bytes):
/// the directory itself, or a link below /run/pavise that goes with it.
/// </summary>
internal sealed class ShortLink : IDisposable
{
    private const int DirectoryBytes = 80;
    private const string Links = "/run/pavise/links";
    private readonly string? _link;

    public ShortLink(string directory)
    {
        Path = directory;
        byte[] bytes = Encoding.UTF8.GetBytes(directory);
        if (bytes.Length > DirectoryBytes)
        {
            Directory.CreateDirectory(Links);
            Path = _link = $"{Links}/{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 12))}";
            File.Delete(_link);
            File.CreateSymbolicLink(_link, directory);
        }
    }

    public string Path { get; }

    public void Dispose()
    {
        if (_link is not null)
        {
            File.Delete(_link);
        }
    }
}
