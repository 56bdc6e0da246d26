using System.Text;

namespace Pavise.Host.Installation;

/// <summary>
/// k3s and RKE2 generate containerd's configuration from a Go template, which may be replaced by a file that includes the original one
/// (documented by k3s as "base template"). A template is no TOML, so only the block's own comments are looked for.
/// </summary>
internal static class TemplateMerge
{
    /// <summary>The template that adds nothing.</summary>
    public const string NewFile = "{{ template \"base\" . }}\n\n";

    /// <summary>The template with the runtime.</summary>
    /// <param name="file">The template there is, or <see cref="NewFile"/>.</param>
    /// <param name="plugin">The CRI plugin's name in the version the template is for.</param>
    /// <param name="name">The file's name, for messages.</param>
    public static byte[] Add(ReadOnlySpan<byte> file, string plugin, string name)
    {
        byte[] bare = RuntimeBlock.Remove(file);
        if (Encoding.UTF8.GetString(bare).Contains($".containerd.runtimes.{RuntimeBlock.Runtime}]", StringComparison.Ordinal))
        {
            throw new HostException($"{name} has a runtime {RuntimeBlock.Runtime} already that this installer did not write; remove it first");
        }

        return RuntimeBlock.Add(file, RuntimeBlock.Lines(plugin));
    }

    /// <summary>The template without the runtime.</summary>
    public static byte[] Remove(ReadOnlySpan<byte> file) => RuntimeBlock.Remove(file);
}
