using System.CommandLine;
using System.Security.Cryptography;

namespace Pavise.Owner.Keys;

/// <summary>The owner's private keys: PKCS #8 PEM, mode 0600, encrypted (PBES2: AES-256-CBC, SHA-256, 600,000 rounds) where a password is given.</summary>
internal static class OwnerKeys
{
    private const string PasswordVariable = "PAVISE_OWNER_PASSWORD";

    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 600_000);

    public static Option<string?> PasswordOption() => new("--password-file") { Description = $"File with the password of the owner's keys; {PasswordVariable} is used without it.", Recursive = true };

    public static string? Password(ParseResult parsed, Option<string?> option) =>
        parsed.GetValue(option) is { } file ? File.ReadAllText(file).TrimEnd('\r', '\n')
        : Environment.GetEnvironmentVariable(PasswordVariable) is { Length: > 0 } set ? set
        : null;

    /// <summary>Makes both keys, P-384. Existing ones are never overwritten.</summary>
    public static OwnerIdentity Create(OwnerHome home, string name, string? password)
    {
        if (File.Exists(home.SignKey) || File.Exists(home.SealKey) || File.Exists(home.Identity))
        {
            throw new OwnerException($"{home.Folder} holds owner keys already", "nothing was changed; move them away, or use another folder with --config");
        }

        OwnerHome.CreatePrivateFolder(home.Folder);
        using ECDsa sign = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using ECDiffieHellman seal = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP384);
        OwnerIdentity identity = new(name, sign.ExportSubjectPublicKeyInfo(), seal.ExportSubjectPublicKeyInfo());
        OwnerHome.WritePrivate(home.SignKey, Pem(sign, password));
        OwnerHome.WritePrivate(home.SealKey, Pem(seal, password));
        OwnerHome.WritePrivate(home.Identity, identity.ToJson());
        return identity;
    }

    /// <summary>The signing key.</summary>
    public static ECDsa SignKey(OwnerHome home, string? password)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            Import(key, home.SignKey, password);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>The sealing key.</summary>
    public static ECDiffieHellman SealKey(OwnerHome home, string? password)
    {
        ECDiffieHellman key = ECDiffieHellman.Create();
        try
        {
            Import(key, home.SealKey, password);
            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static void Import(AsymmetricAlgorithm key, string file, string? password)
    {
        if (!File.Exists(file))
        {
            throw new OwnerException($"{file} does not exist", "make owner keys with: pavise owner init");
        }

        if ((File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
        {
            throw new OwnerException($"others can read {file}", $"chmod 600 {file}");
        }

        string pem = File.ReadAllText(file);
        bool encrypted = pem.Contains("ENCRYPTED", StringComparison.Ordinal);
        if (encrypted && password is null)
        {
            throw new OwnerException($"{file} is encrypted", $"give its password with --password-file or {PasswordVariable}");
        }

        try
        {
            if (encrypted)
            {
                key.ImportFromEncryptedPem(pem, password);
            }
            else
            {
                key.ImportFromPem(pem);
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new OwnerException(encrypted ? $"{file} does not open: the password is wrong" : $"{file} is no private key in PEM", null, e);
        }
    }

    private static string Pem(AsymmetricAlgorithm key, string? password) =>
        (password is null ? key.ExportPkcs8PrivateKeyPem() : key.ExportEncryptedPkcs8PrivateKeyPem(password, Encryption)) + "\n";
}
