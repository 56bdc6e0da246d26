using System.Text.Json;
using Pavise.Session.Jose;

namespace Pavise.Session.Tests.Rcar;

/// <summary>
/// The token's form, against what Trustee's own repository records of it (confidential-containers/trustee, Apache-2.0): the names of
/// <c>attestation-service/docs/example.token.json</c> at b37e1ad, and where its broker looks for the guest's key.
/// </summary>
public sealed class TrusteeTokenTests
{
    private static readonly string[] Recorded =
    [
        "/eat_profile", "/iat", "/exp", "/ear.verifier-id/developer", "/ear.verifier-id/build",
        "/submods/cpu0/ear.status", "/submods/cpu0/ear.appraisal-policy-id",
        "/submods/cpu0/ear.trustworthiness-vector/instance-identity", "/submods/cpu0/ear.trustworthiness-vector/configuration", "/submods/cpu0/ear.trustworthiness-vector/executables",
        "/submods/cpu0/ear.trustworthiness-vector/file-system", "/submods/cpu0/ear.trustworthiness-vector/hardware", "/submods/cpu0/ear.trustworthiness-vector/runtime-opaque",
        "/submods/cpu0/ear.trustworthiness-vector/storage-opaque", "/submods/cpu0/ear.trustworthiness-vector/sourced-data",
        "/submods/cpu0/ear.veraison.annotated-evidence/init_data", "/submods/cpu0/ear.veraison.annotated-evidence/report_data",
        "/submods/cpu0/ear.veraison.annotated-evidence/runtime_data_claims",
    ];

    // The pointer by which Trustee's broker takes the key of an EAR token (kbs/src/token).
    private const string KeyPointer = "/submods/cpu0/ear.veraison.annotated-evidence/runtime_data_claims/tee-pubkey";

    private static (JsonElement Claims, Jwk Key) Token()
    {
        using ExchangeKey key = ExchangeKey.CreateP256();
        EarToken token = new()
        {
            Id = "id", IssuedAt = DateTimeOffset.UnixEpoch.AddYears(56), ExpiresAt = DateTimeOffset.UnixEpoch.AddYears(56).AddMinutes(5), Status = "affirming", Tee = "snp",
            InitData = new string('0', 64), ReportData = new string('0', 128), Measurement = new string('1', 96), TeePublicKey = key.Public, Nonce = "AA==",
        };
        using JsonDocument document = JsonDocument.Parse(token.ToClaims("pavise-keybroker"));
        return (document.RootElement.Clone(), key.Public);
    }

    [Fact]
    public void Every_member_of_the_token_that_is_not_of_this_brokers_own_is_named_and_placed_as_in_the_recorded_one()
    {
        string[] own = ["/jti", "/submods/cpu0/ear.veraison.annotated-evidence/tee", "/submods/cpu0/ear.veraison.annotated-evidence/measurement"];
        string[] leaves = [.. Leaves(Token().Claims, "")];
        Assert.Empty(leaves.Where(l => !own.Contains(l) && !Recorded.Any(r => l == r || l.StartsWith(r + "/", StringComparison.Ordinal))));

        // Claims of the vector of which nothing is said may be absent (draft-ietf-rats-ear).
        Assert.All(Recorded.Where(r => !r.Contains("vector", StringComparison.Ordinal)), r => Assert.Contains(leaves, l => l == r || l.StartsWith(r + "/", StringComparison.Ordinal)));
        Assert.Equal("tag:github.com,2024:confidential-containers/Trustee", Token().Claims.GetProperty("eat_profile").GetString());
    }

    [Fact]
    public void The_guests_key_is_where_Trustees_broker_looks_for_it()
    {
        (JsonElement claims, Jwk key) = Token();
        JsonElement found = KeyPointer.Split('/').Skip(1).Aggregate(claims, (at, name) => at.GetProperty(name));
        Assert.Equal(key.Thumbprint, Jwk.Parse(found).Thumbprint);
    }

    private static IEnumerable<string> Leaves(JsonElement value, string path) => value.ValueKind == JsonValueKind.Object
        ? value.EnumerateObject().SelectMany(m => Leaves(m.Value, $"{path}/{m.Name}"))
        : [path];
}
