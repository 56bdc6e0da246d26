using System.Security.Cryptography;
using Pavise.KeyBroker.Store;

namespace Pavise.KeyBroker.Sealing;

/// <summary>
/// Seals what is stored. A data key, random and made once, seals values; the master key seals only the data key, so that a new master key rewrites one row.
/// The data key's seal is the check value: a wrong master key does not open it.
/// </summary>
internal sealed class Vault : IDisposable
{
    private const string Setting = "data-key", Purpose = "pavise-keybroker data key";

    private readonly byte[] _dataKey;
    private readonly byte[] _macKey;

    private Vault(byte[] dataKey)
    {
        _dataKey = dataKey;
        _macKey = HKDF.DeriveKey(HashAlgorithmName.SHA256, dataKey, 32, null, "pavise-keybroker audit head"u8.ToArray());
    }

    /// <summary>Opens the vault of a store; makes it in an empty store.</summary>
    /// <exception cref="BrokerSetupException">The master key is not the one that this store was sealed with.</exception>
    public static async Task<Vault> OpenAsync(IBrokerStore store, byte[] masterKey) => new(await store.ChangeAsync(change =>
    {
        if (change.Setting(Setting) is { } sealedKey)
        {
            return Envelope.Open(masterKey, Purpose, sealedKey)
                ?? throw new BrokerSetupException("the master key is not the one that this database is sealed with; nothing was changed. Give the right one, or restore the database that belongs to it");
        }

        byte[] key = RandomNumberGenerator.GetBytes(32);
        change.SetSetting(Setting, Envelope.Seal(masterKey, Purpose, key));
        return key;
    }));

    /// <summary>Seals the data key under another master key. From then on only that one opens the store.</summary>
    public async Task RewrapAsync(IBrokerStore store, byte[] newMasterKey) => await store.ChangeAsync(change =>
    {
        change.SetSetting(Setting, Envelope.Seal(newMasterKey, Purpose, _dataKey));
        return true;
    });

    public byte[] Seal(string purpose, ReadOnlySpan<byte> value) => Envelope.Seal(_dataKey, purpose, value);

    /// <exception cref="InvalidDataException">The stored bytes were changed or moved.</exception>
    public byte[] Open(string purpose, ReadOnlySpan<byte> value) =>
        Envelope.Open(_dataKey, purpose, value) ?? throw new InvalidDataException($"what is stored as {purpose} does not open: the database was changed by somebody else");

    /// <summary>Authenticates the audit's end.</summary>
    public byte[] Mac(ReadOnlySpan<byte> data) => HMACSHA256.HashData(_macKey, data);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_dataKey);
        CryptographicOperations.ZeroMemory(_macKey);
    }
}
