namespace Pavise.Session.Rcar;

/// <summary>Paths of a key broker. What begins with <see cref="Extensions"/> only a Pavise broker has.</summary>
public static class BrokerPaths
{
#pragma warning disable CS1591 // docs/key-broker.md has a row for each.
    public const string Base = "/kbs/v0";
    public const string Auth = Base + "/auth";
    public const string Attest = Base + "/attest";
    public const string Resource = Base + "/resource/";
    public const string Extensions = Base + "/pavise";
    public const string Batch = Extensions + "/resources";
    public const string Time = Extensions + "/time";
    public const string Counter = Extensions + "/counter/";
    public const string Lease = Extensions + "/lease/";
    public const string Certificate = Extensions + "/certificate";
    public const string AuditHead = Extensions + "/audit-head";
    public const string SessionCookie = "kbs-session-id";
#pragma warning restore CS1591
}
