using System.Globalization;
using System.Numerics;

namespace Pavise.Session.Jose;

/// <summary>
/// Whether a point is on a curve of NIST's: y² = x³ − 3x + b modulo p (SP 800-186, 3.2.1). All of them have cofactor one, so such a point has the group's order.
/// Reads public keys only, so time may depend on them; the cryptographic library checks each point again where it is used, and is some fifty times slower.
/// </summary>
internal static class CurveEquation
{
    private static readonly (BigInteger P, BigInteger B)
        P256 = Of("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b"),
        P384 = Of(
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
            "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef"),
        P521 = Of(
            "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00");

    /// <summary>Whether it holds for a point given by its coordinates, big-endian, as long as the field.</summary>
    public static bool Holds(ReadOnlySpan<byte> x, ReadOnlySpan<byte> y)
    {
        (BigInteger p, BigInteger b) = x.Length switch
        {
            32 => P256,
            48 => P384,
            66 => P521,
            _ => throw new ArgumentException("the curve must be P-256, P-384 or P-521"),
        };
        BigInteger px = new(x, isUnsigned: true, isBigEndian: true), py = new(y, isUnsigned: true, isBigEndian: true);
        return px < p && py < p && ((py * py) - (((px * px) - 3) * px) - b) % p == 0;
    }

    private static (BigInteger, BigInteger) Of(string p, string b) => (Number(p), Number(b));

    private static BigInteger Number(string hexadecimal) => BigInteger.Parse("0" + hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
