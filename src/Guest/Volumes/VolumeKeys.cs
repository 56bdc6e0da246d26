using System.Security.Cryptography;
using System.Text;

namespace Pavise.Guest.Volumes;

/// <summary>
/// The keys of one volume, derived (HKDF-SHA-256, RFC 5869) from what the key broker released for it, the policy's name and the volume's: the same secret under another name gives other keys. They
/// are in guest memory only.
/// </summary>
internal sealed class VolumeKeys : IDisposable
{
    /// <summary>Least bytes of the resource: as strong as the cipher.</summary>
    public const int SecretBytes = 32;

    /// <summary>Bytes of the data key: AES-256 in XTS takes two, HMAC-SHA-256 one; in this order, as dm-crypt wants them.</summary>
    public const int DataBytes = 96;

    private const int KeyBytes = 32;
    private readonly byte[] secret;
    private readonly string volume;

    /// <param name="secret">What the broker released.</param>
    /// <param name="policy">Name of the policy.</param>
    /// <param name="volume">Name of the volume.</param>
    /// <exception cref="VolumeException">The secret is too short.</exception>
    public VolumeKeys(ReadOnlySpan<byte> secret, string policy, string volume)
    {
        if (secret.Length < SecretBytes)
        {
            throw new VolumeException($"the volume {volume} has a key of {secret.Length} bytes at the key broker: it needs {SecretBytes} (pavise kb put RESOURCE --random {SecretBytes})");
        }

        this.secret = secret.ToArray();
        this.volume = $"{policy}\0{volume}";
        Header = Derive("header", [], KeyBytes);
    }

    /// <summary>For the header, AES-256-GCM.</summary>
    public byte[] Header { get; }

    /// <summary>For the data, under the salt of its formatting.</summary>
    public byte[] Data(ReadOnlySpan<byte> salt) => Derive("data", salt, DataBytes);

    /// <summary>For dm-integrity's superblock and journal, HMAC-SHA-256.</summary>
    public byte[] Journal(ReadOnlySpan<byte> salt) => Derive("journal", salt, KeyBytes);

    /// <summary>What a copy of the header is authenticated with.</summary>
    public byte[] Identity(int copy) => Encoding.UTF8.GetBytes($"pavise.volume/v1\0{copy}\0{volume}");

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(Header);
    }

    private byte[] Derive(string purpose, ReadOnlySpan<byte> salt, int length)
    {
        byte[] key = new byte[length];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, key, salt, Encoding.UTF8.GetBytes($"pavise.volume/v1\0{purpose}\0{volume}"));
        return key;
    }
}
