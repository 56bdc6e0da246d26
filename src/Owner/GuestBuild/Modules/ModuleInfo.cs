using System.Text;

namespace Pavise.Owner.GuestBuild.Modules;

/// <summary>What a kernel module says of itself in its section `.modinfo`: texts `key=value`, each ended by a zero byte.</summary>
internal sealed record ModuleInfo(string Name, string KernelVersion, IReadOnlyList<string> Depends, string? Licence)
{
    /// <summary>The longest of Debian's has a few KiB (device aliases).</summary>
    internal const int MaxBytes = 1024 * 1024;

    /// <summary>More than any module of Debian's needs.</summary>
    internal const int MaxDepends = 256;

    /// <exception cref="FormatException">A key that every module has is missing, or there is too much.</exception>
    internal static ModuleInfo Parse(ReadOnlySpan<byte> section)
    {
        if (section.Length > MaxBytes)
        {
            throw new FormatException("the module's description is too long");
        }

        string? name = null, version = null, licence = null;
        string[]? depends = null;
        foreach (Range range in section.Split((byte)0))
        {
            string text = Encoding.Latin1.GetString(section[range]);
            int equals = text.IndexOf('=');
            if (equals < 0)
            {
                continue;
            }

            string value = text[(equals + 1)..];
            switch (text[..equals])
            {
                case "name":
                    name ??= value;
                    break;
                case "vermagic":
                    version ??= value.Split(' ')[0];
                    break;
                case "license":
                    licence ??= value;
                    break;
                case "depends":
                    depends ??= value.Split(',', StringSplitOptions.RemoveEmptyEntries);
                    break;
            }
        }

        if (name is null || version is null || depends is null || depends.Length > MaxDepends)
        {
            throw new FormatException("the module does not say its name, kernel version and what it depends on");
        }

        return new(name, version, depends, licence);
    }
}
