using System.Text.Json;

namespace Pavise.Owner.Policies.Schema;

/// <summary>One value of the language as JSON Schema (draft 2020-12) describes it.</summary>
internal abstract record SchemaNode
{
    /// <summary>Writes the members of the schema object.</summary>
    public abstract void Write(Utf8JsonWriter writer);

    protected static void Object(Utf8JsonWriter writer, SchemaNode node)
    {
        writer.WriteStartObject();
        node.Write(writer);
        writer.WriteEndObject();
    }

    /// <summary>A member of a map.</summary>
    /// <param name="Name">Its key.</param>
    /// <param name="Node">Its value.</param>
    /// <param name="Description">What it means.</param>
    /// <param name="Required">Whether it must be there.</param>
    internal sealed record Member(string Name, SchemaNode Node, string Description, bool Required = false);

    /// <summary>A map with known keys, no others.</summary>
    internal sealed record Map(params Member[] Members) : SchemaNode
    {
        public override void Write(Utf8JsonWriter writer)
        {
            writer.WriteString("type", "object");
            writer.WriteBoolean("additionalProperties", false);
            writer.WriteStartObject("properties");
            foreach (Member member in Members)
            {
                writer.WriteStartObject(member.Name);
                writer.WriteString("description", member.Description);
                member.Node.Write(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
            if (Members.Any(m => m.Required))
            {
                writer.WriteStartArray("required");
                foreach (Member member in Members.Where(m => m.Required))
                {
                    writer.WriteStringValue(member.Name);
                }

                writer.WriteEndArray();
            }
        }
    }

    /// <summary>A map with names that the owner chooses.</summary>
    internal sealed record Named(SchemaNode Value) : SchemaNode
    {
        public override void Write(Utf8JsonWriter writer)
        {
            writer.WriteString("type", "object");
            writer.WritePropertyName("additionalProperties");
            Object(writer, Value);
        }
    }

    /// <summary>A list.</summary>
    internal sealed record List(SchemaNode Item, bool NotEmpty = false) : SchemaNode
    {
        public override void Write(Utf8JsonWriter writer)
        {
            writer.WriteString("type", "array");
            if (NotEmpty)
            {
                writer.WriteNumber("minItems", 1);
            }

            writer.WritePropertyName("items");
            Object(writer, Item);
        }
    }

    /// <summary>One of some words.</summary>
    internal sealed record Word(params string[] Words) : SchemaNode
    {
        public override void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartArray("enum");
            foreach (string word in Words)
            {
                writer.WriteStringValue(word);
            }

            writer.WriteEndArray();
        }
    }

    /// <summary>A text.</summary>
    internal sealed record Text(string? Pattern = null) : SchemaNode
    {
        public override void Write(Utf8JsonWriter writer)
        {
            writer.WriteString("type", "string");
            if (Pattern is not null)
            {
                writer.WriteString("pattern", Pattern);
            }
        }
    }

    /// <summary>A number.</summary>
    internal sealed record Number(double Least, double Most, bool Whole = true) : SchemaNode
    {
        public override void Write(Utf8JsonWriter writer)
        {
            writer.WriteString("type", Whole ? "integer" : "number");
            writer.WriteNumber("minimum", Least);
            writer.WriteNumber("maximum", Most);
        }
    }

    /// <summary>true or false.</summary>
    internal sealed record Flag : SchemaNode
    {
        public override void Write(Utf8JsonWriter writer) => writer.WriteString("type", "boolean");
    }

    /// <summary>One of several forms.</summary>
    internal sealed record OneOf(params SchemaNode[] Forms) : SchemaNode
    {
        public override void Write(Utf8JsonWriter writer)
        {
            writer.WriteStartArray("anyOf");
            foreach (SchemaNode form in Forms)
            {
                Object(writer, form);
            }

            writer.WriteEndArray();
        }
    }
}
