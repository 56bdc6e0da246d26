namespace Pavise.Attestation.Tdx;

/// <summary>Intel's judgement of a platform's TCB (Intel PCS API version 4, TCB info, <c>tcbStatus</c>).</summary>
public enum TcbStatus
{
    /// <summary>Up to date.</summary>
    UpToDate,

    /// <summary>Up to date, but software in the guest must work around a weakness.</summary>
    SWHardeningNeeded,

    /// <summary>Up to date, but the platform's configuration may weaken it.</summary>
    ConfigurationNeeded,

    /// <summary>Both.</summary>
    ConfigurationAndSWHardeningNeeded,

    /// <summary>Not up to date.</summary>
    OutOfDate,

    /// <summary>Not up to date, and its configuration may weaken it further.</summary>
    OutOfDateConfigurationNeeded,

    /// <summary>Its keys must not be believed.</summary>
    Revoked,
}

/// <summary>Names of <see cref="TcbStatus"/>, and how the states of a platform's parts combine.</summary>
public static class TcbStatuses
{
    /// <summary>By Intel's name, letter for letter. Null: unknown.</summary>
    public static TcbStatus? Find(string name) => name switch
    {
        "UpToDate" => TcbStatus.UpToDate,
        "SWHardeningNeeded" => TcbStatus.SWHardeningNeeded,
        "ConfigurationNeeded" => TcbStatus.ConfigurationNeeded,
        "ConfigurationAndSWHardeningNeeded" => TcbStatus.ConfigurationAndSWHardeningNeeded,
        "OutOfDate" => TcbStatus.OutOfDate,
        "OutOfDateConfigurationNeeded" => TcbStatus.OutOfDateConfigurationNeeded,
        "Revoked" => TcbStatus.Revoked,
        _ => null,
    };

    /// <summary>The platform's state when a part of it (quoting enclave, TDX module) is up to date, out of date or revoked.</summary>
    internal static TcbStatus With(this TcbStatus platform, TcbStatus part) => part switch
    {
        TcbStatus.UpToDate => platform,
        TcbStatus.Revoked => TcbStatus.Revoked,
        _ => platform switch
        {
            TcbStatus.UpToDate or TcbStatus.SWHardeningNeeded => TcbStatus.OutOfDate,
            TcbStatus.ConfigurationNeeded or TcbStatus.ConfigurationAndSWHardeningNeeded => TcbStatus.OutOfDateConfigurationNeeded,
            _ => platform,
        },
    };
}
