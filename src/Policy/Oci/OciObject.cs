using System.Collections.Immutable;
using Pavise.Policy.Json;

namespace Pavise.Policy.Oci;

/// <summary>
/// Typed reading of one object of the host. A wrong type is malformed; null is absent (Go writes it so); members that nobody asks for are
/// collected with their paths, for the audit. A struct: an OCI configuration has hundreds of objects.
/// </summary>
internal struct OciObject
{
    private readonly JsonValue value;
    private readonly string parent;
    private readonly string name;
    private readonly int index;
    private readonly List<string> unknown;
    private ulong read;

    private OciObject(JsonValue value, string parent, string name, int index, List<string> unknown) =>
        (this.value, this.parent, this.name, this.index, this.unknown) = (value, parent, name, index, unknown);

    public static OciObject Root(ReadOnlySpan<byte> utf8, List<string> unknown)
    {
        try
        {
            JsonValue tree = JsonTree.Parse(utf8, PolicyLimits.OciBytes);
            return tree.Kind == JsonKind.Object ? new(tree, "", "", -1, unknown) : throw new OciFormatException($"must be an object, not {tree.KindName}");
        }
        catch (JsonFormatException e)
        {
            throw new OciFormatException(e.Message);
        }
    }

    /// <summary>Made only where it is needed: in errors and for unknown members.</summary>
    private readonly string Path
    {
        get
        {
            string own = index < 0 ? name : $"{name}[{index}]";
            return parent.Length == 0 ? own : $"{parent}.{own}";
        }
    }

    private readonly string PathOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";

    private readonly OciFormatException Wrong(string key, string expected) => new($"{PathOf(key)} must be {expected}");

    private JsonValue? Find(string key)
    {
        ReadOnlySpan<KeyValuePair<string, JsonValue>> members = value.Members;
        for (int i = 0; i < members.Length; i++)
        {
            if (ReferenceEquals(members[i].Key, key) || members[i].Key == key)
            {
                read |= i < 64 ? 1UL << i : 0;
                return members[i].Value.Kind == JsonKind.Null ? null : members[i].Value;
            }
        }

        return null;
    }

    public string? Text(string key) => Find(key) switch
    {
        null => null,
        { Kind: JsonKind.String } v => v.Text,
        _ => throw Wrong(key, "text"),
    };

    public bool? Flag(string key) => Find(key) switch
    {
        null => null,
        { Kind: JsonKind.Boolean } v => v.Truth,
        _ => throw Wrong(key, "true or false"),
    };

    public long? Signed(string key) => Find(key) switch
    {
        null => null,
        { Integer: { } n } when n >= long.MinValue && n <= long.MaxValue => (long)n,
        _ => throw Wrong(key, "a whole number of 64 bits"),
    };

    public ulong? Unsigned(string key) => Find(key) switch
    {
        null => null,
        { Integer: { } n } when n >= 0 && n <= ulong.MaxValue => (ulong)n,
        _ => throw Wrong(key, "a whole number of 64 bits, not negative"),
    };

    public uint? Unsigned32(string key) => Find(key) switch
    {
        null => null,
        { Integer: { } n } when n >= 0 && n <= uint.MaxValue => (uint)n,
        _ => throw Wrong(key, "a whole number of 32 bits, not negative"),
    };

    public ImmutableArray<string> Texts(string key)
    {
        JsonValue? list = Find(key);
        if (list is null)
        {
            return [];
        }

        if (list.Kind != JsonKind.Array)
        {
            throw Wrong(key, "a list of texts");
        }

        string[] texts = new string[list.Items.Length];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = list.Items[i] is { Kind: JsonKind.String } v ? v.Text : throw Wrong(key, "a list of texts");
        }

        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(texts);
    }

    public ImmutableArray<uint> Numbers(string key)
    {
        JsonValue? list = Find(key);
        if (list is { Kind: not JsonKind.Array })
        {
            throw Wrong(key, "a list of numbers");
        }

        ImmutableArray<uint>.Builder numbers = ImmutableArray.CreateBuilder<uint>();
        foreach (JsonValue item in list is null ? default : list.Items)
        {
            numbers.Add(item is { Integer: { } n } && n >= 0 && n <= uint.MaxValue ? (uint)n : throw Wrong(key, "a list of whole numbers of 32 bits"));
        }

        return numbers.ToImmutable();
    }

    /// <summary>A map from text to text.</summary>
    public ImmutableArray<KeyValuePair<string, string>> TextMap(string key)
    {
        JsonValue? map = Find(key);
        if (map is { Kind: not JsonKind.Object })
        {
            throw Wrong(key, "a map of texts");
        }

        ImmutableArray<KeyValuePair<string, string>>.Builder pairs = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (KeyValuePair<string, JsonValue> member in map is null ? default : map.Members)
        {
            pairs.Add(new(member.Key, member.Value.Kind == JsonKind.String ? member.Value.Text : throw Wrong(key, "a map of texts")));
        }

        return pairs.ToImmutable();
    }

    public delegate T Reader<T>(ref OciObject item);

    public T? Child<T>(string key, Reader<T> reader)
        where T : class
    {
        JsonValue? found = Find(key);
        if (found is null)
        {
            return null;
        }

        OciObject child = found.Kind == JsonKind.Object ? new(found, Path, key, -1, unknown) : throw Wrong(key, "an object");
        T result = reader(ref child);
        child.Close();
        return result;
    }

    public ImmutableArray<T> List<T>(string key, Reader<T> reader)
    {
        JsonValue? list = Find(key);
        if (list is null)
        {
            return [];
        }

        if (list.Kind != JsonKind.Array)
        {
            throw Wrong(key, "a list of objects");
        }

        T[] results = new T[list.Items.Length];
        string path = Path;
        for (int i = 0; i < results.Length; i++)
        {
            OciObject child = list.Items[i].Kind == JsonKind.Object ? new(list.Items[i], path, key, i, unknown) : throw Wrong(key, "a list of objects");
            results[i] = reader(ref child);
            child.Close();
        }

        return System.Runtime.InteropServices.ImmutableCollectionsMarshal.AsImmutableArray(results);
    }

    /// <summary>Whether the member is there and says something: not null, false, 0, "", [] or {}.</summary>
    public bool Says(string key) => Find(key) switch
    {
        null => false,
        { Kind: JsonKind.Boolean } v => v.Truth,
        { Kind: JsonKind.Number } v => v.Number != 0,
        { Kind: JsonKind.String } v => v.Text.Length > 0,
        { Kind: JsonKind.Array } v => v.Items.Length > 0,
        { } v => v.Members.Length > 0,
    };

    /// <summary>Marks a member as known where its content cannot matter.</summary>
    public void Ignore(string key) => Find(key);

    /// <summary>Collects what nobody asked for and is not null.</summary>
    public readonly void Close()
    {
        ReadOnlySpan<KeyValuePair<string, JsonValue>> members = value.Members;
        for (int i = 0; i < members.Length && unknown.Count < PolicyLimits.Notes; i++)
        {
            if ((i >= 64 || (read & (1UL << i)) == 0) && members[i].Value.Kind != JsonKind.Null)
            {
                unknown.Add(PathOf(members[i].Key.Length > 64 ? members[i].Key[..64] + "…" : members[i].Key));
            }
        }
    }
}
