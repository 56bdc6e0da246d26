using System.Security.Cryptography;
using System.Text.Json;
using Pavise.Session;
using Pavise.Session.Jose;

namespace Pavise.Owner.Keys;

/// <summary>The owner's public side: name, and the keys that policies name.</summary>
/// <param name="Name">Name.</param>
/// <param name="SignKey">SubjectPublicKeyInfo, DER.</param>
/// <param name="SealKey">SubjectPublicKeyInfo, DER.</param>
internal sealed record OwnerIdentity(string Name, byte[] SignKey, byte[] SealKey)
{
    private const string Schema = "pavise.owner/v1";

    public static OwnerIdentity Read(OwnerHome home)
    {
        if (!File.Exists(home.Identity))
        {
            throw new OwnerException($"there are no owner keys in {home.Folder}", "make them with: pavise owner init");
        }

        try
        {
            return SessionJson.Read(File.ReadAllBytes(home.Identity), 64 * 1024, home.Identity, root => root.Text("schema", 64) == Schema
                ? new OwnerIdentity(root.Text("name", 128), root.GetProperty("signKey").GetBytesFromBase64(), root.GetProperty("sealKey").GetBytesFromBase64())
                : throw new SessionFormatException($"schema must be {Schema}"));
        }
        catch (SessionFormatException e)
        {
            throw new OwnerException($"{home.Identity}: {e.Message}", null, e);
        }
    }

    public string ToJson() => System.Text.Encoding.UTF8.GetString(SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("name", Name);
        json.WriteBase64String("signKey", SignKey);
        json.WriteBase64String("sealKey", SealKey);
        json.WriteEndObject();
    })) + "\n";

    /// <summary>A public key for verifying.</summary>
    public static JwtKey Verifier(byte[] spki)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(spki, out _);
            return JwtKey.Of(key);
        }
        catch (Exception e) when (e is CryptographicException or NotSupportedException)
        {
            key.Dispose();
            throw new OwnerException($"this is no public key on P-256 or P-384: {e.Message}", null, e);
        }
    }
}
