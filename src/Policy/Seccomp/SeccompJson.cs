using System.Text.Json;
using Pavise.Policy.Plans;

namespace Pavise.Policy.Seccomp;

/// <summary>A system-call filter in the form of the OCI runtime specification (config-linux.md, Seccomp), which launchers, engines and tools read.</summary>
public static class SeccompJson
{
    /// <summary>Writes it as one object.</summary>
    /// <param name="json">Where a value is expected.</param>
    /// <param name="seccomp">The filter.</param>
    public static void Write(Utf8JsonWriter json, SeccompPlan seccomp)
    {
        json.WriteStartObject();
        json.WriteString("defaultAction", seccomp.DefaultAction);
        Optional(json, "defaultErrnoRet", seccomp.DefaultErrnoRet);
        Texts(json, "architectures", seccomp.Architectures);
        json.WriteStartArray("syscalls");
        foreach (SeccompRulePlan rule in seccomp.Rules)
        {
            json.WriteStartObject();
            Texts(json, "names", rule.Names);
            json.WriteString("action", rule.Action);
            Optional(json, "errnoRet", rule.ErrnoRet);
            json.WriteStartArray("args");
            foreach (SeccompArgPlan argument in rule.Args)
            {
                json.WriteStartObject();
                json.WriteNumber("index", argument.Index);
                json.WriteNumber("value", argument.Value);
                json.WriteNumber("valueTwo", argument.ValueTwo);
                json.WriteString("op", argument.Op);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter json, string name, uint? value)
    {
        if (value is not null)
        {
            json.WriteNumber(name, value.Value);
        }
    }
}
