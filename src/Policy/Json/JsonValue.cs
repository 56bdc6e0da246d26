namespace Pavise.Policy.Json;

/// <summary>Kinds of JSON values.</summary>
public enum JsonKind
{
    /// <summary>null.</summary>
    Null,
    /// <summary>true or false.</summary>
    Boolean,
    /// <summary>A number.</summary>
    Number,
    /// <summary>A string.</summary>
    String,
    /// <summary>An array.</summary>
    Array,
    /// <summary>An object.</summary>
    Object,
}

/// <summary>One value of a JSON document as an immutable tree. Front ends build it, <see cref="CanonicalJson"/> writes it.</summary>
public sealed class JsonValue
{
    private readonly JsonValue[] items;
    private readonly KeyValuePair<string, JsonValue>[] members;

    private JsonValue(JsonKind kind, string text = "", double number = 0, Int128? integer = null, bool truth = false, JsonValue[]? items = null, KeyValuePair<string, JsonValue>[]? members = null)
    {
        (Kind, Text, Number, Integer, Truth) = (kind, text, number, integer, truth);
        this.items = items ?? [];
        this.members = members ?? [];
    }

    /// <summary>null.</summary>
    public static JsonValue Null { get; } = new(JsonKind.Null);
    /// <summary>true.</summary>
    public static JsonValue True { get; } = new(JsonKind.Boolean, truth: true);
    /// <summary>false.</summary>
    public static JsonValue False { get; } = new(JsonKind.Boolean);

    /// <summary>Which of the six kinds it is.</summary>
    public JsonKind Kind { get; }
    /// <summary>The string's text; empty for other kinds.</summary>
    public string Text { get; }
    /// <summary>The number as a double, as RFC 8785 has it; 0 for other kinds.</summary>
    public double Number { get; }
    /// <summary>The number exactly, where it was written without fraction and exponent and fits in 64 bits; else null.</summary>
    public Int128? Integer { get; }
    /// <summary>The boolean's value.</summary>
    public bool Truth { get; }
    /// <summary>Elements of an array.</summary>
    public ReadOnlySpan<JsonValue> Items => items;
    /// <summary>Members of an object, in the order in which they were written, no name twice.</summary>
    public ReadOnlySpan<KeyValuePair<string, JsonValue>> Members => members;

    /// <summary>A string.</summary>
    public static JsonValue Of(string text) => new(JsonKind.String, text);
    /// <summary>A boolean.</summary>
    public static JsonValue Of(bool truth) => truth ? True : False;
    /// <summary>A number that is not an integer of 64 bits.</summary>
    public static JsonValue Of(double number) => new(JsonKind.Number, number: number);
    /// <summary>An integer of 64 bits.</summary>
    public static JsonValue Of(Int128 integer) => new(JsonKind.Number, number: (double)integer, integer: integer);
    /// <summary>An array; takes the elements over.</summary>
    public static JsonValue Array(params JsonValue[] items) => new(JsonKind.Array, items: items);
    /// <summary>An object; takes the members over. The caller has made sure that no name stands twice.</summary>
    public static JsonValue Object(params KeyValuePair<string, JsonValue>[] members) => new(JsonKind.Object, members: members);

    /// <summary>The member of that name, or null.</summary>
    public JsonValue? Find(string name)
    {
        foreach (ref readonly KeyValuePair<string, JsonValue> member in members.AsSpan())
        {
            if (member.Key == name)
            {
                return member.Value;
            }
        }

        return null;
    }

    /// <summary>What a person calls this kind.</summary>
    public string KindName => Kind switch
    {
        JsonKind.Null => "null",
        JsonKind.Boolean => "true or false",
        JsonKind.Number => "a number",
        JsonKind.String => "text",
        JsonKind.Array => "a list",
        _ => "a map",
    };
}
