using System.Text.Json;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Containers.Configuration;

/// <summary>OCI <c>process</c>.</summary>
internal static partial class CrunConfig
{
    private static void WriteProcess(Utf8JsonWriter json, ProcessPlan process)
    {
        json.WriteStartObject();
        WriteProcessMembers(json, process);
        json.WriteEndObject();
    }

    private static void WriteProcessMembers(Utf8JsonWriter json, ProcessPlan process)
    {
        json.WriteBoolean("terminal", process.Stdio.Terminal);
        if (process.Stdio.Terminal && process.Columns > 0 && process.Rows > 0)
        {
            json.WriteStartObject("consoleSize");
            json.WriteNumber("height", process.Rows);
            json.WriteNumber("width", process.Columns);
            json.WriteEndObject();
        }

        WriteUser(json, process);
        WriteStrings(json, "args", process.Args);
        WriteStrings(json, "env", process.Env);
        json.WriteString("cwd", process.Cwd);
        json.WriteBoolean("noNewPrivileges", process.NoNewPrivileges);
        json.WriteStartObject("capabilities");
        foreach (string set in new[] { "bounding", "effective", "permitted" })
        {
            WriteStrings(json, set, process.Capabilities);
        }

        // The kernel lets a capability be ambient only if it is inheritable too.
        WriteStrings(json, "inheritable", process.AmbientCapabilities ? process.Capabilities : []);
        WriteStrings(json, "ambient", process.AmbientCapabilities ? process.Capabilities : []);
        json.WriteEndObject();
        json.WriteStartArray("rlimits");
        foreach (RlimitPlan limit in process.Rlimits)
        {
            json.WriteStartObject();
            json.WriteString("type", limit.Type);
            json.WriteNumber("soft", limit.Soft);
            json.WriteNumber("hard", limit.Hard);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (process.OomScoreAdj is { } adjustment)
        {
            json.WriteNumber("oomScoreAdj", adjustment);
        }
    }

    private static void WriteUser(Utf8JsonWriter json, ProcessPlan process)
    {
        json.WriteStartObject("user");
        json.WriteNumber("uid", process.Uid);
        json.WriteNumber("gid", process.Gid);
        if (process.Umask is { } umask)
        {
            json.WriteNumber("umask", umask);
        }

        json.WriteStartArray("additionalGids");
        foreach (uint gid in process.AdditionalGids)
        {
            json.WriteNumberValue(gid);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
