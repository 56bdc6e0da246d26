#if PAVISE_DEVELOPMENT
using System.Buffers;
using System.Text.Json;

namespace Pavise.Guest.Containers.Configuration;

/// <summary>Writes the launcher's configuration from the host's specification.</summary>
internal static partial class UnshieldedConfig
{
    private static readonly string[] ProcessMembers =
        ["terminal", "consoleSize", "user", "args", "env", "cwd", "capabilities", "rlimits", "noNewPrivileges", "oomScoreAdj"];
    private static readonly string[] LinuxMembers = ["devices", "maskedPaths", "readonlyPaths", "seccomp", "rootfsPropagation"];
    private static readonly string[] Limits = ["memory", "cpu", "pids"];
    private static readonly string[] Namespaces = ["pid", "ipc", "uts", "mount", "cgroup"];

    private static byte[] Compose(JsonElement spec, ContainerLayout layout) => Write(json =>
    {
        json.WriteString("ociVersion", "1.0.2");
        json.WriteStartObject("process");
        WriteProcessMembers(json, Member(spec, "process"));
        json.WriteEndObject();
        json.WriteStartObject("root");
        json.WriteString("path", layout.RootPath);
        json.WriteBoolean("readonly", IsTrue(Member(spec, "root"), "readonly"));
        json.WriteEndObject();
        Copy(json, spec, ["hostname", "domainname"]);
        WriteMounts(json, spec, layout);
        JsonElement linux = Member(spec, "linux");
        json.WriteStartObject("linux");
        json.WriteString("cgroupsPath", layout.CgroupPath);
        WriteNamespaces(json, linux);
        WriteSysctls(json, linux);
        Copy(json, linux, LinuxMembers);
        if (layout.HasControllers)
        {
            json.WriteStartObject("resources");
            Copy(json, Member(linux, "resources"), Limits);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    });

    private static void WriteProcessMembers(Utf8JsonWriter json, JsonElement process) => Copy(json, process, ProcessMembers);

    private static void WriteMounts(Utf8JsonWriter json, JsonElement spec, ContainerLayout layout)
    {
        json.WriteStartArray("mounts");
        int index = 0;
        foreach (JsonElement mount in Items(spec, "mounts"))
        {
            string source = layout.Sources[index++];
            json.WriteStartObject();
            json.WriteString("destination", Text(mount, "destination"));
            json.WriteString("type", source.Length > 0 ? "bind" : Text(mount, "type"));
            json.WriteString("source", source.Length > 0 ? source : Text(mount, "source"));
            Copy(json, mount, ["options"]);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Those that the host lists and the guest has; a path to an existing one means nothing here.</summary>
    private static void WriteNamespaces(Utf8JsonWriter json, JsonElement linux)
    {
        string[] listed = [.. Items(linux, "namespaces").Select(n => Text(n, "type")), "pid", "mount"];
        json.WriteStartArray("namespaces");
        foreach (string type in Namespaces.Intersect(listed))
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>The network's settings belong to the guest.</summary>
    private static void WriteSysctls(Utf8JsonWriter json, JsonElement linux)
    {
        json.WriteStartObject("sysctl");
        if (Member(linux, "sysctl") is { ValueKind: JsonValueKind.Object } settings)
        {
            foreach (JsonProperty setting in settings.EnumerateObject().Where(s => !s.Name.StartsWith("net.", StringComparison.Ordinal)))
            {
                setting.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static void Copy(Utf8JsonWriter json, JsonElement parent, string[] names)
    {
        foreach (string name in names)
        {
            if (Member(parent, name) is { ValueKind: not JsonValueKind.Undefined } value)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new(8192);
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        members(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }
}
#endif
