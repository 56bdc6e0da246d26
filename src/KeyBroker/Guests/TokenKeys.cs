using System.Security.Cryptography;
using Pavise.KeyBroker.Sealing;
using Pavise.KeyBroker.Store;
using Pavise.Session.Jose;

namespace Pavise.KeyBroker.Guests;

/// <summary>The key that signs tokens and times: P-256, made once, kept sealed.</summary>
internal sealed class TokenKeys : IDisposable
{
    private const string Setting = "token-key";

    private TokenKeys(ECDsa key)
    {
        Signing = JwtKey.Of(key);
        Public = [Jwk.OfEc(key.ExportParameters(false), null)];
        Verification = [Signing];
    }

    public JwtKey Signing { get; }

    public IReadOnlyList<JwtKey> Verification { get; }

    /// <summary>For guests and relying parties.</summary>
    public IReadOnlyList<Jwk> Public { get; }

    public static async Task<TokenKeys> OpenAsync(IBrokerStore store, Vault vault) =>
        new(await SealedKey.OpenAsync(store, vault, Setting, ECCurve.NamedCurves.nistP256));

    public void Dispose() => Signing.Key.Dispose();
}
