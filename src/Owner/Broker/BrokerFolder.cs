using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Pavise.Owner.Keys;
using Pavise.Session;

namespace Pavise.Owner.Broker;

/// <summary>A new broker's folder: configuration, master key, TLS key with its self-signed certificate. The broker makes its database itself.</summary>
internal static class BrokerFolder
{
    /// <summary>Makes the folder's files; an existing broker is never overwritten.</summary>
    /// <returns>The broker's pin.</returns>
    public static string Create(string folder, string listen, string admin, string? database, bool simulated, OwnerIdentity owner)
    {
        if (File.Exists(Path.Combine(folder, "keybroker.json")))
        {
            throw new OwnerException($"{folder} holds a key broker already", "nothing was changed");
        }

        OwnerHome.CreatePrivateFolder(folder);
        using ECDsa tls = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(new X500DistinguishedName("CN=pavise-keybroker"), tls, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1")], false));
        // Guests look at the key only, so that no date can stop them all at once.
        using X509Certificate2 certificate = request.CreateSelfSigned(new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2126, 1, 1, 0, 0, 0, TimeSpan.Zero));
        OwnerHome.WritePrivate(Path.Combine(folder, "tls-key.pem"), tls.ExportPkcs8PrivateKeyPem() + "\n");
        OwnerHome.WritePrivate(Path.Combine(folder, "tls.pem"), certificate.ExportCertificatePem() + "\n");
        OwnerHome.WritePrivate(Path.Combine(folder, "master.key"), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)) + "\n");
        OwnerHome.WritePrivate(Path.Combine(folder, "keybroker.json"), Configuration(listen, admin, database, simulated, owner));
        return "spki-sha256:" + Convert.ToHexStringLower(SHA256.HashData(tls.ExportSubjectPublicKeyInfo()));
    }

    private static string Configuration(string listen, string admin, string? database, bool simulated, OwnerIdentity owner)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("schema", "pavise.keybroker/v1");
            json.WriteString("listen", listen);
            json.WriteString("admin", admin);
            if (database is not null)
            {
                json.WriteString("database", database);
            }

            json.WriteBoolean("simulated", simulated);
            json.WriteStartArray("administrators");
            json.WriteStartObject();
            json.WriteString("name", owner.Name);
            json.WriteBase64String("key", owner.SignKey);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }
}
