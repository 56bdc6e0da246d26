using System.Text;

namespace Pavise.Host.Installation;

/// <summary>
/// The lines that the installer adds to a configuration, between two comments that name their author. They stand at the end of the file, so
/// that nothing else moves; TOML permits a table there wherever the others stand.
/// </summary>
internal static class RuntimeBlock
{
    /// <summary>The runtime's name, which a RuntimeClass calls handler.</summary>
    public const string Runtime = "pavise";

    private const string Author = " Written by pavise-runtime install, removed by pavise-runtime uninstall.\n";
    private const string Begin = "# pavise: begin." + Author;

    /// <summary>Where the file did not end with a line end, the block brings one, and takes it along when it goes.</summary>
    private const string BeginJoined = "\n# pavise: begin, with the line end before it." + Author;

    private const string End = "# pavise: end.\n";

    /// <summary>The table's lines for a plugin of containerd's.</summary>
    public static string Lines(string plugin) => $"""
        [plugins."{plugin}".containerd.runtimes.{Runtime}]
          runtime_type = "io.containerd.pavise.v2"
          pod_annotations = ["dev.pavise.*"]
          container_annotations = ["dev.pavise.*"]

        """;

    /// <summary>Puts the block with the given lines at the end; the same bytes where it stands already.</summary>
    /// <exception cref="HostException">There is more than one block, or one without an end.</exception>
    public static byte[] Add(ReadOnlySpan<byte> file, string lines)
    {
        string body = lines + End;
        if (Find(file) is { } found)
        {
            ReadOnlySpan<byte> block = file[found.Start..found.End];
            if (block.SequenceEqual(Encoding.UTF8.GetBytes(Begin + body)) || block.SequenceEqual(Encoding.UTF8.GetBytes(BeginJoined + body)))
            {
                return file.ToArray();
            }

            file = Remove(file);
        }

        string begin = file.IsEmpty || file[^1] == '\n' ? Begin : BeginJoined;
        return [.. file, .. Encoding.UTF8.GetBytes(begin + body)];
    }

    /// <summary>Takes the block away; the same bytes where there is none. Its own line end stays where somebody wrote more below it.</summary>
    /// <exception cref="HostException">There is more than one block, or one without an end.</exception>
    public static byte[] Remove(ReadOnlySpan<byte> file)
    {
        if (Find(file) is not { } found)
        {
            return file.ToArray();
        }

        int start = file[found.Start] == '\n' && found.End < file.Length ? found.Start + 1 : found.Start;
        return [.. file[..start], .. file[found.End..]];
    }

    /// <summary>Whether the block stands there.</summary>
    public static bool Stands(ReadOnlySpan<byte> file) => Find(file) is not null;

    private static (int Start, int End)? Find(ReadOnlySpan<byte> file)
    {
        (int start, int length) = Next(file, 0);
        if (start < 0)
        {
            return null;
        }

        byte[] end = Encoding.UTF8.GetBytes("\n" + End);
        int stop = file[(start + length - 1)..].IndexOf(end);
        if (stop < 0)
        {
            throw new HostException("the configuration has the first comment of Pavise's lines and not the last one (\"# pavise: end.\"); remove these lines by hand");
        }

        stop += start + length - 1 + end.Length;
        return Next(file, stop).Start < 0 ? (start, stop) : throw new HostException("the configuration has Pavise's lines twice; remove one of them by hand");
    }

    /// <summary>The next first comment at the beginning of a line.</summary>
    private static (int Start, int Length) Next(ReadOnlySpan<byte> file, int from)
    {
        byte[] begin = Encoding.UTF8.GetBytes(Begin), joined = Encoding.UTF8.GetBytes(BeginJoined);
        for (int at = from; at <= file.Length - Math.Min(begin.Length, joined.Length);)
        {
            if (file[at..].StartsWith(joined))
            {
                return (at, joined.Length);
            }

            if ((at == 0 || file[at - 1] == '\n') && file[at..].StartsWith(begin))
            {
                return (at, begin.Length);
            }

            int line = file[(at + 1)..].IndexOfAny((byte)'\n', (byte)'#');
            if (line < 0)
            {
                break;
            }

            at += 1 + line;
        }

        return (-1, 0);
    }
}
