namespace Pavise.Attestation.Tdx;

/// <summary>Which level of TCB info a platform has reached (Intel PCS API version 4, "Get TDX TCB Info", how to determine the TCB status).</summary>
internal static class TcbMatching
{
    /// <summary>TEE_TCB_SVN bytes 0 and 1 are the TDX module's version and then judged by its identity.</summary>
    private const int ModuleSvns = 2;

    public static bool IsOfPlatform(TcbInfo info, PckCertificate pck, CheckLog log) => log.Is(
        CheckNames.TdxTcbInfoPlatform,
        info.Fmspc.Span.SequenceEqual(pck.Fmspc.Span) && info.PceId.Span.SequenceEqual(pck.PceId.Span),
        $"FMSPC {Convert.ToHexStringLower(pck.Fmspc.Span)}, PCEID {Convert.ToHexStringLower(pck.PceId.Span)}",
        $"FMSPC {Convert.ToHexStringLower(info.Fmspc.Span)}, PCEID {Convert.ToHexStringLower(info.PceId.Span)}");

    /// <summary>The first level that the platform reaches in every part; null: none.</summary>
    public static TcbLevel? Level(TcbInfo info, PckCertificate pck, TdxReportBody body)
    {
        ReadOnlyMemory<byte> svn = body.TeeTcbSvn;
        int from = ModuleMatching.HasVersion(svn.Span) ? ModuleSvns : 0;
        return info.Levels.FirstOrDefault(level =>
            AtLeast(pck.ComponentSvns.AsSpan(), level.SgxSvns.AsSpan()) && pck.PceSvn >= level.PceSvn && AtLeast(svn.Span[from..], level.TdxSvns.AsSpan()[from..]));
    }

    private static bool AtLeast(ReadOnlySpan<byte> found, ReadOnlySpan<byte> wanted)
    {
        for (int i = 0; i < wanted.Length; i++)
        {
            if (found[i] < wanted[i])
            {
                return false;
            }
        }

        return true;
    }
}
