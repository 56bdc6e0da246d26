using System.Globalization;
using System.Text;

namespace Pavise.Guest.Network;

/// <summary>On which ports applications listen: the beginning of <c>/proc/net/tcp</c>, where the kernel puts listeners first.</summary>
internal static class ListeningPorts
{
    private const int MostBytes = 256 * 1024;

    private static readonly string[] Files = ["/proc/net/tcp", "/proc/net/tcp6"];

    /// <summary>The ports now.</summary>
    public static HashSet<int> Read()
    {
        HashSet<int> ports = [];
        foreach (string file in Files.Where(File.Exists))
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            Add(stream, ports);
        }

        return ports;
    }

    /// <summary>Reads lines as long as they are listeners.</summary>
    internal static void Add(Stream stream, HashSet<int> ports)
    {
        byte[] room = new byte[16 * 1024];
        StringBuilder text = new();
        int length;
        while (text.Length < MostBytes && (length = stream.Read(room)) > 0)
        {
            text.Append(Encoding.ASCII.GetString(room, 0, length));
            string all = text.ToString();
            int end = all.LastIndexOf('\n') + 1;
            foreach (string line in all[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (words.Length < 4 || words[0] == "sl")
                {
                    continue;
                }

                if (words[3] != "0A")
                {
                    return;
                }

                int colon = words[1].LastIndexOf(':');
                if (colon > 0 && int.TryParse(words[1].AsSpan(colon + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int port))
                {
                    ports.Add(port);
                }
            }

            text.Remove(0, end);
        }
    }
}
