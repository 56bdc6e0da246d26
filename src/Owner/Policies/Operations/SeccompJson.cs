using System.Text;
using System.Text.Json;
using Pavise.Policy.Plans;

namespace Pavise.Owner.Policies.Operations;

/// <summary>A system-call filter in the form of the OCI runtime specification (config-linux.md, Seccomp), which engines and tools read.</summary>
internal static class SeccompJson
{
    public static string Of(SeccompPlan plan)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new() { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("defaultAction", plan.DefaultAction);
            Optional(writer, "defaultErrnoRet", plan.DefaultErrnoRet);
            Texts(writer, "architectures", plan.Architectures);
            writer.WriteStartArray("syscalls");
            foreach (SeccompRulePlan rule in plan.Rules)
            {
                writer.WriteStartObject();
                Texts(writer, "names", rule.Names);
                writer.WriteString("action", rule.Action);
                Optional(writer, "errnoRet", rule.ErrnoRet);
                writer.WriteStartArray("args");
                foreach (SeccompArgPlan arg in rule.Args)
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("index", arg.Index);
                    writer.WriteNumber("value", arg.Value);
                    writer.WriteNumber("valueTwo", arg.ValueTwo);
                    writer.WriteString("op", arg.Op);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Texts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (string text in texts)
        {
            writer.WriteStringValue(text);
        }

        writer.WriteEndArray();
    }

    private static void Optional(Utf8JsonWriter writer, string name, uint? value)
    {
        if (value is not null)
        {
            writer.WriteNumber(name, value.Value);
        }
    }
}
