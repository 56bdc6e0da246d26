using System.Security.Cryptography;
using Pavise.KeyBroker.Store;

namespace Pavise.KeyBroker.Sealing;

/// <summary>A private key of the broker, made at the first start and kept sealed in the store.</summary>
internal static class SealedKey
{
    public static async Task<ECDsa> OpenAsync(IBrokerStore store, Vault vault, string setting, ECCurve curve)
    {
        byte[] der = await store.ChangeAsync(change =>
        {
            if (change.Setting(setting) is { } stored)
            {
                return vault.Open(setting, stored);
            }

            using ECDsa made = ECDsa.Create(curve);
            byte[] fresh = made.ExportPkcs8PrivateKey();
            change.SetSetting(setting, vault.Seal(setting, fresh));
            return fresh;
        });
        ECDsa key = ECDsa.Create();
        key.ImportPkcs8PrivateKey(der, out _);
        CryptographicOperations.ZeroMemory(der);
        return key;
    }
}
