namespace Pavise.Attestation.Tdx;

/// <summary>Whether Intel signed the TDX module, and which level it has reached (Intel PCS API version 4, <c>tdxModule</c> and <c>tdxModuleIdentities</c>).</summary>
internal static class ModuleMatching
{
    /// <summary>TEE_TCB_SVN byte 1 is the module's version; 0 on TDX 1.0, whose module TCB info judges as part of the platform.</summary>
    public static bool HasVersion(ReadOnlySpan<byte> svn) => svn[1] != 0;

    /// <returns>The level, null when there is none.</returns>
    public static IsvLevel? Level(TcbInfo info, TdxReportBody body, CheckLog log)
    {
        ReadOnlySpan<byte> svn = body.TeeTcbSvn.Span;
        TdxModuleIdentity? identity = info.Module;
        string id = "the module of TDX 1.0";
        if (HasVersion(svn))
        {
            id = $"TDX_{svn[1]:x2}";
            identity = info.Modules.FirstOrDefault(m => string.Equals(m.Id, id, StringComparison.OrdinalIgnoreCase));
        }

        if (identity is null)
        {
            log.Is(CheckNames.TdxModule, false, $"an identity {id} in TCB info", "none");
            return null;
        }

        log.Is(
            CheckNames.TdxModule,
            identity.MrSigner.Span.SequenceEqual(body.MrSignerSeam.Span) && (body.SeamAttributes & identity.AttributesMask) == identity.Attributes,
            $"{id}, signer {Convert.ToHexStringLower(identity.MrSigner.Span)}, attributes 0x{identity.Attributes:x}",
            $"signer {Convert.ToHexStringLower(body.MrSignerSeam.Span)}, attributes 0x{body.SeamAttributes:x}");
        byte version = svn[0];
        return HasVersion(svn) ? identity.Levels.FirstOrDefault(l => version >= l.IsvSvn) : new(0, TcbStatus.UpToDate, []);
    }
}
