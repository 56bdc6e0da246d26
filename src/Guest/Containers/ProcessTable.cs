using System.Globalization;
using System.Text;
using Pavise.Boundary.GuestApi;

namespace Pavise.Guest.Containers;

/// <summary>What /proc says of a process (proc(5)). An application chooses its name itself, so the text is made harmless.</summary>
internal static class ProcessTable
{
    private const int StatusBytes = 16 * 1024;

    /// <summary>Describes those of the processes that still exist.</summary>
    public static List<ProcessInfo> Describe(IEnumerable<int> pids, string proc = "/proc") =>
        [.. pids.Select(p => Read(Path.Combine(proc, p.ToString(CultureInfo.InvariantCulture), "status")) is { } text ? Parse(p, text) : null).OfType<ProcessInfo>()];

    /// <summary>Reads a status file.</summary>
    /// <returns>Null if a field is missing.</returns>
    internal static ProcessInfo? Parse(int pid, string status)
    {
        string? name = null;
        uint? parent = null, uid = null;
        foreach (string line in status.Split('\n'))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                continue;
            }

            string value = line[(colon + 1)..].Trim();
            switch (line[..colon])
            {
                case "Name":
                    name ??= new string([.. value.Select(c => c is >= ' ' and <= '~' ? c : '?')]);
                    break;
                case "PPid":
                    parent ??= Number(value);
                    break;
                case "Uid":
                    uid ??= Number(value.Split('\t')[0]);
                    break;
            }
        }

        return name is null || parent is null || uid is null ? null : new ProcessInfo { Pid = (uint)pid, Ppid = parent.Value, Uid = uid.Value, Command = name };
    }

    private static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint value) ? value : null;

    private static string? Read(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            byte[] buffer = new byte[StatusBytes];
            return Encoding.Latin1.GetString(buffer, 0, stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
