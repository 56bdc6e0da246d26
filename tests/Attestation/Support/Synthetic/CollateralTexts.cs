using System.Globalization;

namespace Pavise.Attestation.Tests.Synthetic;

/// <summary>A level of synthetic TCB info.</summary>
internal sealed record Level(byte[] Sgx, int PceSvn, byte[] Tdx, string Status, string[] Advisories)
{
    public override string ToString() =>
        $"{{\"tcb\":{{\"sgxtcbcomponents\":[{Svns(Sgx)}],\"pcesvn\":{PceSvn},\"tdxtcbcomponents\":[{Svns(Tdx)}]}},\"tcbDate\":\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"{Status}\",\"advisoryIDs\":[{string.Join(',', Advisories.Select(a => $"\"{a}\""))}]}}";

    private static string Svns(byte[] svns) => string.Join(',', Enumerable.Range(0, 16).Select(i => $"{{\"svn\":{(i < svns.Length ? svns[i] : 0)}}}"));
}

/// <summary>A level of a synthetic module or enclave.</summary>
internal sealed record PartLevel(int IsvSvn, string Status, params string[] Advisories)
{
    public override string ToString() =>
        $"{{\"tcb\":{{\"isvsvn\":{IsvSvn}}},\"tcbDate\":\"2026-01-01T00:00:00Z\",\"tcbStatus\":\"{Status}\",\"advisoryIDs\":[{string.Join(',', Advisories.Select(a => $"\"{a}\""))}]}}";
}

/// <summary>Synthetic TCB info.</summary>
internal sealed record TcbInfoText
{
    public DateTimeOffset Issued { get; init; } = IntelPlatform.Now.AddDays(-1);

    public DateTimeOffset Next { get; init; } = IntelPlatform.Now.AddDays(29);

    public string Fmspc { get; init; } = "50806F000000";

    public int Evaluation { get; init; } = 17;

    public string ModuleSigner { get; init; } = new('0', 96);

    public (string Id, PartLevel[] Levels)[] Modules { get; init; } = [("TDX_01", [new(4, "UpToDate"), new(2, "OutOfDate", "INTEL-SA-00002")])];

    public Level[] Levels { get; init; } =
    [
        new([5, 5, 2, 2, 3, 1, 0, 3], 11, [5, 0, 5], "UpToDate", []),
        new([3, 3, 2, 2, 3, 1, 0, 3], 11, [3, 0, 4], "OutOfDate", ["INTEL-SA-00001"]),
    ];

    public override string ToString()
    {
        const string attributes = "\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\"";
        string modules = string.Join(',', Modules.Select(m => $"{{\"id\":\"{m.Id}\",\"mrsigner\":\"{ModuleSigner}\",{attributes},\"tcbLevels\":[{string.Join(',', m.Levels.Select(l => l.ToString()))}]}}"));
        return $"{{\"id\":\"TDX\",\"version\":3,\"issueDate\":\"{Time(Issued)}\",\"nextUpdate\":\"{Time(Next)}\",\"fmspc\":\"{Fmspc}\",\"pceId\":\"0000\",\"tcbType\":0,\"tcbEvaluationDataNumber\":{Evaluation},"
            + $"\"tdxModule\":{{\"mrsigner\":\"{ModuleSigner}\",{attributes}}},\"tdxModuleIdentities\":[{modules}],\"tcbLevels\":[{string.Join(',', Levels.Select(l => l.ToString()))}]}}";
    }

    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>A synthetic identity of the quoting enclave.</summary>
internal sealed record QeIdentityText
{
    public DateTimeOffset Issued { get; init; } = IntelPlatform.Now.AddDays(-1);

    public DateTimeOffset Next { get; init; } = IntelPlatform.Now.AddDays(29);

    public int Evaluation { get; init; } = 17;

    public PartLevel[] Levels { get; init; } = [new(4, "UpToDate"), new(2, "OutOfDate"), new(1, "Revoked")];

    public override string ToString() =>
        $"{{\"id\":\"TD_QE\",\"version\":2,\"issueDate\":\"{TcbInfoText.Time(Issued)}\",\"nextUpdate\":\"{TcbInfoText.Time(Next)}\",\"tcbEvaluationDataNumber\":{Evaluation},\"miscselect\":\"00000000\",\"miscselectMask\":\"FFFFFFFF\","
        + $"\"attributes\":\"11000000000000000000000000000000\",\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\"{TdxScene.QeSigner}\",\"isvprodid\":2,\"tcbLevels\":[{string.Join(',', Levels.Select(l => l.ToString()))}]}}";
}
