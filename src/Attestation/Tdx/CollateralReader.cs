using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Pavise.Attestation.Tdx;

/// <summary>
/// Reads the signed values of TCB info and QE identity (Intel PCS API version 4). What the verifier uses must be there, once and in range; keys that it does not
/// know are Intel's to add.
/// </summary>
internal static class CollateralReader
{
    private const int SvnCount = 16;

    /// <exception cref="EvidenceFormatException">The value is no TCB info for TDX, version 3.</exception>
    public static TcbInfo ReadTcbInfo(ReadOnlyMemory<byte> json) => Guarded("TCB info", json, root => new TcbInfo
    {
        IssueDate = Time(Must(root, "TDX", 3), "issueDate"),
        NextUpdate = Time(root, "nextUpdate"),
        Fmspc = Hex(root, "fmspc", 6),
        PceId = Hex(root, "pceId", 2),
        Evaluation = root.GetProperty("tcbEvaluationDataNumber").GetUInt32(),
        Module = Module(root.GetProperty("tdxModule"), null),
        Modules = root.TryGetProperty("tdxModuleIdentities", out JsonElement modules)
            ? [.. Bounded(modules, AttestationLimits.ModuleIdentities).Select(m => Module(m, Text(m, "id")))]
            : [],
        Levels = [.. Bounded(root.GetProperty("tcbLevels"), AttestationLimits.TcbLevels).Select(Level)],
    });

    /// <exception cref="EvidenceFormatException">The value is no identity of the TD quoting enclave, version 2.</exception>
    public static QeIdentity ReadQeIdentity(ReadOnlyMemory<byte> json) => Guarded("QE identity", json, root => new QeIdentity
    {
        IssueDate = Time(Must(root, "TD_QE", 2), "issueDate"),
        NextUpdate = Time(root, "nextUpdate"),
        Evaluation = root.GetProperty("tcbEvaluationDataNumber").GetUInt32(),
        MiscSelect = (U32(root, "miscselect"), U32(root, "miscselectMask")),
        Attributes = (Hex(root, "attributes", 16), Hex(root, "attributesMask", 16)),
        MrSigner = Hex(root, "mrsigner", 32),
        IsvProdId = root.GetProperty("isvprodid").GetUInt16(),
        Levels = IsvLevels(root.GetProperty("tcbLevels")),
    });

    private static T Guarded<T>(string what, ReadOnlyMemory<byte> json, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new() { MaxDepth = AttestationLimits.JsonDepth, AllowDuplicateProperties = false });
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new EvidenceFormatException($"{what} is malformed: {e.Message}");
        }
    }

    private static JsonElement Must(JsonElement root, string id, int version) =>
        Text(root, "id") == id && root.GetProperty("version").GetInt32() == version ? root : throw new FormatException($"not id {id}, version {version}");

    private static TcbLevel Level(JsonElement level)
    {
        JsonElement tcb = level.GetProperty("tcb");
        return new(
            Svns(tcb.GetProperty("sgxtcbcomponents")),
            tcb.GetProperty("pcesvn").GetUInt16(),
            Svns(tcb.GetProperty("tdxtcbcomponents")),
            TcbStatuses.Find(Text(level, "tcbStatus")) ?? throw new FormatException("unknown tcbStatus"),
            Advisories(level));
    }

    private static TdxModuleIdentity Module(JsonElement module, string? id) => new(
        id ?? "",
        Hex(module, "mrsigner", 48),
        U64(module, "attributes"),
        U64(module, "attributesMask"),
        id is null ? [] : IsvLevels(module.GetProperty("tcbLevels")));

    private static ImmutableArray<IsvLevel> IsvLevels(JsonElement levels) =>
        [.. Bounded(levels, AttestationLimits.TcbLevels).Select(l => new IsvLevel(l.GetProperty("tcb").GetProperty("isvsvn").GetUInt16(), PartStatus(Text(l, "tcbStatus")), Advisories(l)))];

    // A part of a platform has these three states only; how another would combine with the platform's is not known.
    private static TcbStatus PartStatus(string name) =>
        TcbStatuses.Find(name) is { } status and (TcbStatus.UpToDate or TcbStatus.OutOfDate or TcbStatus.Revoked) ? status : throw new FormatException("unknown tcbStatus");

    private static ImmutableArray<byte> Svns(JsonElement components) =>
        components.GetArrayLength() == SvnCount ? [.. components.EnumerateArray().Select(c => c.GetProperty("svn").GetByte())] : throw new FormatException($"not {SvnCount} components");

    private static ImmutableArray<string> Advisories(JsonElement level) =>
        level.TryGetProperty("advisoryIDs", out JsonElement ids) ? [.. Bounded(ids, AttestationLimits.Advisories).Select(i => i.GetString() ?? throw new FormatException("an advisory is null"))] : [];

    private static JsonElement.ArrayEnumerator Bounded(JsonElement list, int most) =>
        list.GetArrayLength() <= most ? list.EnumerateArray() : throw new FormatException($"a list of more than {most}");

    private static string Text(JsonElement owner, string key) => owner.GetProperty(key).GetString() ?? throw new FormatException($"{key} is null");

    private static byte[] Hex(JsonElement owner, string key, int length) =>
        Convert.FromHexString(Text(owner, key)) is var bytes && bytes.Length == length ? bytes : throw new FormatException($"{key} must have {length} bytes");

    private static uint U32(JsonElement owner, string key) => BinaryPrimitives.ReadUInt32LittleEndian(Hex(owner, key, sizeof(uint)));

    private static ulong U64(JsonElement owner, string key) => BinaryPrimitives.ReadUInt64LittleEndian(Hex(owner, key, sizeof(ulong)));

    private static DateTimeOffset Time(JsonElement owner, string key) =>
        DateTimeOffset.ParseExact(Text(owner, key), "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
