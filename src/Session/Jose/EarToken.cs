using System.Globalization;
using System.Text.Json;

namespace Pavise.Session.Jose;

/// <summary>
/// An attestation result: a JWT in the EAR profile of Trustee (draft-ietf-rats-ear; <c>eat_profile</c>
/// <c>tag:github.com,2024:confidential-containers/Trustee</c>).
/// </summary>
public sealed record EarToken
{
    /// <summary><c>eat_profile</c>.</summary>
    public const string Profile = "tag:github.com,2024:confidential-containers/Trustee";

    /// <summary><c>jti</c>: names the attested exchange at its broker.</summary>
    public required string Id { get; init; }

    /// <summary>When it was issued, to the second.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary>When it ends, to the second.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary><c>ear.status</c> of the guest: affirming where a release rule that names measurement and platform permits it something, else none: genuine, and nobody's known workload.</summary>
    public required string Status { get; init; }

    /// <summary>Kind of evidence.</summary>
    public required string Tee { get; init; }

    /// <summary>HOST_DATA or MRCONFIGID, hexadecimal.</summary>
    public required string InitData { get; init; }

    /// <summary>REPORT_DATA, hexadecimal.</summary>
    public required string ReportData { get; init; }

    /// <summary>MEASUREMENT or MRTD and registers, as the verifier writes it.</summary>
    public required string Measurement { get; init; }

    /// <summary>The guest's key, to which a relying party may encrypt.</summary>
    public required Jwk TeePublicKey { get; init; }

    /// <summary>The challenge that the evidence answered.</summary>
    public required string Nonce { get; init; }

    /// <summary>The policy's name and version where the guest showed its policy, else null.</summary>
    public string? Policy { get; init; }

    /// <summary>Writes the claims.</summary>
    /// <param name="verifier"><c>ear.verifier-id</c>, build.</param>
    public byte[] ToClaims(string verifier) => SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("eat_profile", Profile);
        json.WriteNumber("iat", IssuedAt.ToUnixTimeSeconds());
        json.WriteNumber("exp", ExpiresAt.ToUnixTimeSeconds());
        json.WriteString("jti", Id);
        json.WriteStartObject("ear.verifier-id");
        json.WriteString("developer", "https://pavise.dev");
        json.WriteString("build", verifier);
        json.WriteEndObject();
        json.WriteStartObject("submods");
        json.WriteStartObject("cpu0");
        json.WriteString("ear.status", Status);
        WriteVector(json);
        json.WriteString("ear.appraisal-policy-id", "pavise");
        json.WriteStartObject("ear.veraison.annotated-evidence");
        json.WriteString("tee", Tee);
        json.WriteString("init_data", InitData);
        json.WriteString("report_data", ReportData);
        json.WriteString("measurement", Measurement);
        if (Policy is not null)
        {
            json.WriteString("policy", Policy);
        }

        json.WriteStartObject("runtime_data_claims");
        json.WriteString("nonce", Nonce);
        json.WritePropertyName("tee-pubkey");
        TeePublicKey.Write(json);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary>Checks a token: signature by one of the keys, profile, not expired, not from the future.</summary>
    /// <param name="token">Compact serialisation.</param>
    /// <param name="keys">Public keys of the broker.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="SessionFormatException">Which of these does not hold.</exception>
    public static EarToken Verify(string token, IReadOnlyList<JwtKey> keys, DateTimeOffset now)
    {
        EarToken ear = SessionJson.Read(Jwt.Verify(token, keys), SessionLimits.TokenChars, "a token's payload", Read);
        return now >= ear.ExpiresAt ? throw new SessionFormatException($"the token ended at {Text(ear.ExpiresAt)}; attest again")
            : now < ear.IssuedAt.AddSeconds(-60) ? throw new SessionFormatException($"the token is from the future, {Text(ear.IssuedAt)}: the clocks differ")
            : ear;
    }

    internal static EarToken Read(JsonElement root)
    {
        if (root.Text("eat_profile", 256) != Profile)
        {
            throw new SessionFormatException($"a token's eat_profile must be {Profile}");
        }

        JsonElement cpu = root.GetProperty("submods").GetProperty("cpu0");
        JsonElement evidence = cpu.GetProperty("ear.veraison.annotated-evidence");
        JsonElement runtime = evidence.GetProperty("runtime_data_claims");
        return new()
        {
            Id = root.Text("jti", 128),
            IssuedAt = Time(root, "iat"),
            ExpiresAt = Time(root, "exp"),
            Status = cpu.Text("ear.status", 64),
            Tee = evidence.Text("tee", 32),
            InitData = evidence.Text("init_data", 256),
            ReportData = evidence.Text("report_data", 256),
            Measurement = evidence.Text("measurement", 1024),
            Nonce = runtime.Text("nonce", SessionLimits.NonceChars),
            TeePublicKey = Jwk.Parse(runtime.GetProperty("tee-pubkey")),
            Policy = evidence.OptionalText("policy", 256),
        };
    }

    // EAR: 2 is affirming, 0 no claim. Simulated evidence says nothing of hardware.
    private void WriteVector(Utf8JsonWriter json)
    {
        json.WriteStartObject("ear.trustworthiness-vector");
        foreach (string claim in (ReadOnlySpan<string>)["instance-identity", "configuration", "executables", "hardware", "runtime-opaque"])
        {
            json.WriteNumber(claim, Status == "affirming" && !(Tee == "sim" && claim is ("hardware" or "instance-identity")) ? 2 : 0);
        }

        json.WriteEndObject();
    }

    private static DateTimeOffset Time(JsonElement root, string name)
    {
        long seconds = root.GetProperty(name).GetInt64();
        return seconds is >= 0 and < 253_402_300_800 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : throw new SessionFormatException($"{name} of a token is no time");
    }

    private static string Text(DateTimeOffset time) => time.ToString("u", CultureInfo.InvariantCulture);
}
