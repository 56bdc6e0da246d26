using System.Text.Json;

namespace Pavise.Session.Admin;

/// <summary>Which policy a rule asks for: one document by its digests, or any that an owner signed with a name and at least a version.</summary>
/// <param name="Sha256">SHA-256 of the bound document, hexadecimal (HOST_DATA); empty with an owner.</param>
/// <param name="Sha384">SHA-384, hexadecimal (MRCONFIGID); empty with an owner, or where only the SHA-256 is known.</param>
/// <param name="Owner">Name of the owner who signed; empty with digests.</param>
/// <param name="Name">Name of the policy.</param>
/// <param name="MinimumVersion">Lowest version.</param>
public sealed record PolicyDemand(string Sha256, string Sha384, string Owner, string Name, long MinimumVersion)
{
    /// <summary>One document.</summary>
    public static PolicyDemand Document(string sha256, string sha384) => new(sha256, sha384, "", "", 0);

    /// <summary>An owner's signed policies.</summary>
    public static PolicyDemand Signed(string owner, string name, long minimumVersion) => new("", "", owner, name, minimumVersion);

    /// <summary>Whether an owner's signature is asked.</summary>
    public bool IsSigned => Owner.Length > 0;

    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (IsSigned)
        {
            json.WriteString("owner", Owner);
            json.WriteString("name", Name);
            json.WriteNumber("minimumVersion", MinimumVersion);
        }
        else
        {
            json.WriteString("sha256", Sha256);
            if (Sha384.Length > 0)
            {
                json.WriteString("sha384", Sha384);
            }
        }

        json.WriteEndObject();
    }

    internal static PolicyDemand Read(JsonElement value)
    {
        if (value.TryGetProperty("owner", out _))
        {
            RuleValues.Only(value, "owner", "name", "minimumVersion");
            long version = value.GetProperty("minimumVersion").GetInt64();
            return version >= 0 ? Signed(RuleValues.Name(value, "owner"), RuleValues.Name(value, "name"), version) : throw new SessionFormatException("minimumVersion must not be negative");
        }

        RuleValues.Only(value, "sha256", "sha384");
        return Document(RuleValues.Hex(value, "sha256", 64), value.TryGetProperty("sha384", out _) ? RuleValues.Hex(value, "sha384", 96) : "");
    }
}
