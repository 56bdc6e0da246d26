using System.Globalization;
using System.Text;
using Tomlyn;
using Tomlyn.Model;
using Tomlyn.Serialization;

namespace Pavise.Host.Installation;

/// <summary>What a containerd configuration means: every value by its full name. Comments, order and spelling are not part of it.</summary>
internal sealed class ContainerdToml
{
    // The longest configurations (a dump of every default) have some 20 kilobytes.
    private const int Bytes = 1024 * 1024;

    private const char Separator = '\0';

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly TomlTable root;

    private ContainerdToml(TomlTable root) => this.root = root;

    /// <summary>Parses a file's bytes.</summary>
    /// <exception cref="HostException">They are not UTF-8, not TOML, or too many.</exception>
    public static ContainerdToml Parse(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.Length > Bytes)
        {
            throw new HostException($"{file} has more than {Bytes} bytes; that is no configuration of containerd");
        }

        try
        {
            string text = Strict.GetString(bytes).TrimStart('\uFEFF');
            return new(TomlSerializer.Deserialize(text, InstallationToml.Default.TomlTable) ?? []);
        }
        catch (Exception e) when (e is TomlException or DecoderFallbackException or ArgumentException or InvalidOperationException)
        {
            throw new HostException($"{file} is not TOML: {e.Message}. Nothing was changed; correct it first", e);
        }
    }

    /// <summary>The value of <c>version</c>: 1 where there is none, as containerd has it.</summary>
    public long Version => root.TryGetValue("version", out object? value) ? value as long? ?? 0 : 1;

    /// <summary>Whether the file says nothing at all.</summary>
    public bool IsEmpty => root.Count == 0;

    /// <summary>The texts of an array at the top, such as <c>imports</c>.</summary>
    public IEnumerable<string> Texts(string key) => root.TryGetValue(key, out object? value) && value is TomlArray array ? array.OfType<string>() : [];

    /// <summary>Whether there is anything at a path.</summary>
    public bool Has(params ReadOnlySpan<string> path)
    {
        object? at = root;
        foreach (string key in path)
        {
            if (at is not TomlTable table || !table.TryGetValue(key, out at))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Every value below every path, as one sorted line each. Tables without values leave no line.</summary>
    public SortedSet<string> Values()
    {
        SortedSet<string> values = new(StringComparer.Ordinal);
        Walk("", root, values);
        return values;
    }

    private static void Walk(string path, object? value, SortedSet<string> values)
    {
        switch (value)
        {
            case TomlTable table:
                foreach ((string key, object? child) in table)
                {
                    Walk(path + Separator + key, child, values);
                }

                break;
            case TomlTableArray tables:
                WalkList(path, tables, values);
                break;
            case TomlArray array:
                values.Add($"{path}{Separator}[] = {array.Count}");
                WalkList(path, array, values);
                break;
            default:
                values.Add($"{path} = {value?.GetType().Name} {Convert.ToString(value, CultureInfo.InvariantCulture)}");
                break;
        }
    }

    private static void WalkList(string path, IEnumerable<object?> list, SortedSet<string> values)
    {
        int index = 0;
        foreach (object? child in list)
        {
            Walk($"{path}{Separator}[{index++}]", child, values);
        }
    }
}

/// <summary>Reads TOML without reflection.</summary>
[TomlSerializable(typeof(TomlTable))]
internal sealed partial class InstallationToml : TomlSerializerContext;
