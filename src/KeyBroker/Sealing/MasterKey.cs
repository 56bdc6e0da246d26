using System.Security.Cryptography;

namespace Pavise.KeyBroker.Sealing;

/// <summary>The key above all others: 32 bytes as base64, in a file that only the broker's user can read, or in <c>PAVISE_KB_MASTER_KEY</c>.</summary>
internal static class MasterKey
{
    public const string Variable = "PAVISE_KB_MASTER_KEY";

    public const int Bytes = 32;

    /// <summary>From the environment where it is set, else from the file.</summary>
    /// <exception cref="BrokerSetupException">It is missing, malformed, or others can read the file.</exception>
    public static byte[] Load(string file) =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? Decode(text, Variable) : Read(file);

    public static byte[] Read(string file)
    {
        try
        {
            if ((File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
            {
                throw new BrokerSetupException($"others can read the master key {file}: chmod 600 it (and think about whether it is still secret)");
            }

            return Decode(File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BrokerSetupException($"the master key {file} cannot be read: {e.Message}; it can also be given in {Variable}", e);
        }
    }

    private static byte[] Decode(string text, string where)
    {
        byte[] key = new byte[Bytes + 1];
        if (Convert.TryFromBase64String(text.Trim(), key, out int written) && written == Bytes)
        {
            byte[] exact = key[..Bytes];
            CryptographicOperations.ZeroMemory(key);
            return exact;
        }

        throw new BrokerSetupException($"the master key in {where} must be {Bytes} bytes as base64; make one with: openssl rand -base64 32");
    }
}
