using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Pavise.Session;

namespace Pavise.KeyBroker.Configuration;

/// <summary>Reads <c>keybroker.json</c> strictly.</summary>
internal static class ConfigurationReader
{
    public const string FileName = "keybroker.json";
    public const string Schema = "pavise.keybroker/v1";
    private const int MostBytes = 64 * 1024;

    private static readonly string[] Known =
    [
        "schema", "listen", "admin", "certificate", "key", "database", "masterKey", "administrators", "simulated", "collateral", "collateralOnline",
        "challengeSeconds", "sessionSeconds", "certificateSeconds", "attestationsPerSecond", "requestsPerSecond",
    ];

    /// <exception cref="BrokerSetupException">It is missing or something in it is wrong.</exception>
    public static BrokerConfiguration Read(string folder)
    {
        string file = Path.Combine(folder, FileName);
        try
        {
            return SessionJson.Read(File.ReadAllBytes(file), MostBytes, file, root => Read(root, Path.GetFullPath(folder)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SessionFormatException)
        {
            throw new BrokerSetupException($"{file}: {e.Message}; a new one is made by: pavise kb init", e);
        }
    }

    private static BrokerConfiguration Read(JsonElement root, string folder)
    {
        foreach (JsonProperty member in root.EnumerateObject().Where(m => !Known.Contains(m.Name)))
        {
            throw new SessionFormatException($"{member.Name} is not known; known are {string.Join(", ", Known)}");
        }

        if (root.Text("schema", 64) != Schema)
        {
            throw new SessionFormatException($"schema must be {Schema}");
        }

        string File(string name, string absent) => Path.Combine(folder, root.OptionalText(name, 4096) ?? absent);
        BrokerConfiguration defaults = new()
        {
            Folder = folder,
            Listen = EndPoint(root, "listen", "127.0.0.1:8443"),
            Admin = EndPoint(root, "admin", "127.0.0.1:8444"),
            Certificate = File("certificate", "tls.pem"),
            Key = File("key", "tls-key.pem"),
            Database = File("database", "broker.db"),
            MasterKey = File("masterKey", "master.key"),
            Administrators = Administrators(root.GetProperty("administrators")),
            Simulated = root.TryGetProperty("simulated", out JsonElement simulated) && simulated.GetBoolean(),
            Collateral = root.OptionalText("collateral", 4096) is { } collateral ? Path.Combine(folder, collateral) : null,
            CollateralOnline = root.TryGetProperty("collateralOnline", out JsonElement online) && online.GetBoolean(),
        };
        return defaults with
        {
            ChallengeLife = Seconds(root, "challengeSeconds", defaults.ChallengeLife, 3600),
            SessionLife = Seconds(root, "sessionSeconds", defaults.SessionLife, 24 * 3600),
            CertificateLife = Seconds(root, "certificateSeconds", defaults.CertificateLife, 90 * 24 * 3600),
            AttestationsPerSecond = Number(root, "attestationsPerSecond", defaults.AttestationsPerSecond, 1_000_000),
            RequestsPerSecond = Number(root, "requestsPerSecond", defaults.RequestsPerSecond, 1_000_000),
        };
    }

    private static ImmutableArray<Administrator> Administrators(JsonElement list)
    {
        ImmutableArray<Administrator> all = [.. list.EnumerateArray().Select(a => Of(a.Text("name", 128), a.GetProperty("key").GetBytesFromBase64()))];
        return all.Length is 0 or > 64 ? throw new SessionFormatException("administrators must name 1 to 64")
            : all.Select(a => a.Name).Distinct(StringComparer.Ordinal).Count() < all.Length ? throw new SessionFormatException("two administrators have the same name")
            : all;
    }

    private static Administrator Of(string name, byte[] spki)
    {
        try
        {
            using ECDsa key = ECDsa.Create();
            key.ImportSubjectPublicKeyInfo(spki, out int read);
            return read == spki.Length && key.KeySize is 256 or 384
                ? new(name, Convert.ToHexStringLower(SHA256.HashData(spki)), spki)
                : throw new SessionFormatException($"the key of {name} must be on P-256 or P-384");
        }
        catch (Exception e) when (e is CryptographicException or NotSupportedException)
        {
            throw new SessionFormatException($"the key of {name} is no SubjectPublicKeyInfo");
        }
    }

    private static IPEndPoint EndPoint(JsonElement root, string name, string absent) =>
        IPEndPoint.TryParse(root.OptionalText(name, 128) ?? absent, out IPEndPoint? end) ? end : throw new SessionFormatException($"{name} must be ADDRESS:PORT");

    private static TimeSpan Seconds(JsonElement root, string name, TimeSpan absent, int most) => TimeSpan.FromSeconds(Number(root, name, (int)absent.TotalSeconds, most));

    private static int Number(JsonElement root, string name, int absent, int most) =>
        root.OptionalNumber(name) is not { } number ? absent : number >= 1 && number <= most ? (int)number : throw new SessionFormatException($"{name} must be 1 to {most}");
}
