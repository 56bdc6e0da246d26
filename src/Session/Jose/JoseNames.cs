namespace Pavise.Session.Jose;

/// <summary>Names of RFC 7518 that are used here.</summary>
internal static class JoseNames
{
    public const string EcdhEsA256Kw = "ECDH-ES+A256KW";
    public const string RsaOaep256 = "RSA-OAEP-256";
    public const string A256Gcm = "A256GCM";
    public const string P256 = "P-256";
    public const string P384 = "P-384";
    public const string P521 = "P-521";
    public const string Es256 = "ES256";
    public const string Es384 = "ES384";
}
