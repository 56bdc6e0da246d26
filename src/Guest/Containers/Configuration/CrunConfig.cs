using System.Buffers;
using System.Text.Json;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers.Configuration;

/// <summary>
/// Composes the process launcher's configuration (OCI runtime specification 1.0, config.md, as crun 1.8.1 reads it) from a plan.
/// A pure function: the host's own specification is nowhere in sight.
/// </summary>
internal static partial class CrunConfig
{
    /// <summary>The network namespace is the guest's: one pVM is one pod.</summary>
    private static readonly string[] Namespaces = ["pid", "ipc", "uts", "mount", "cgroup"];

    /// <summary>The configuration of a container, <c>config.json</c>.</summary>
    public static byte[] Compose(ContainerPlan plan, ContainerLayout layout) => Write(json =>
    {
        json.WriteString("ociVersion", "1.0.2");
        json.WritePropertyName("process");
        WriteProcess(json, plan.Process);
        json.WriteStartObject("root");
        json.WriteString("path", layout.RootPath);
        json.WriteBoolean("readonly", plan.RootReadOnly);
        json.WriteEndObject();
        json.WriteString("hostname", plan.Hostname);
        WriteMounts(json, plan, layout);
        json.WriteStartObject("linux");
        json.WriteString("cgroupsPath", layout.CgroupPath);
        json.WriteStartArray("namespaces");
        foreach (string type in Namespaces)
        {
            json.WriteStartObject();
            json.WriteString("type", type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteStrings(json, "maskedPaths", plan.MaskedPaths);
        WriteStrings(json, "readonlyPaths", plan.ReadonlyPaths);
        json.WriteStartObject("sysctl");
        foreach ((string name, string value) in plan.Sysctls)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        WriteResources(json, plan, layout.HasControllers);
        WriteSeccomp(json, plan.Seccomp);
        json.WriteEndObject();
    });

    /// <summary>The configuration of an exec, <c>process.json</c>. The system-call filter is the container's: the launcher takes it from there.</summary>
    public static byte[] ComposeExec(ProcessPlan process) => Write(json => WriteProcessMembers(json, process));

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

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (string value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
