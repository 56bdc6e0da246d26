using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Pavise.Attestation;
using Pavise.Attestation.Kbs;
using Pavise.Attestation.Simulated;
using Pavise.KeyBroker.Tests.Support;

namespace Pavise.Eval.KeyBroker;

/// <summary>
/// The simulated processor with its random points drawn before the run. A real guest's report is signed by another machine's processor; here the load's own CPUs
/// would sign, 0.9 ms of P-384 for each report, and the broker's rate would be that of the signer. ECDSA with a point drawn before needs two products only. Points are used
/// again, which gives a key away: this one is public.
/// </summary>
internal sealed class PreparedProcessor
{
    private const int Points = 256, Bytes = 48;

    private static readonly BigInteger Order = BigInteger.Parse(
        "0ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private readonly SimulatedGuest _guest;
    private readonly (BigInteger InverseK, BigInteger R, BigInteger RTimesKey)[] _points;
    private int _next;

    public PreparedProcessor(SimulatedGuest guest)
    {
        _guest = guest;
        using ECDsa key = SimulatedKey.Create();
        BigInteger secret = Number(key.ExportParameters(true).D!);
        _points = [.. Enumerable.Range(0, Points).Select(_ => Draw(secret))];
    }

    public byte[] Evidence(ReadOnlySpan<byte> reportData)
    {
        byte[] report = _guest.Unsigned(reportData);
        (BigInteger inverse, BigInteger r, BigInteger product) = _points[(uint)Interlocked.Increment(ref _next) % Points];
        BigInteger s = inverse * (Number(SHA384.HashData(report.AsSpan(0, 0x2A0))) + product) % Order;
        r.ToByteArray(isUnsigned: true).CopyTo(report, 0x2A0);
        s.ToByteArray(isUnsigned: true).CopyTo(report, 0x2E8);
        return EvidenceJson.Write(LaunchEvidence.Parse(TeeKind.Simulated, report));
    }

    private static (BigInteger, BigInteger, BigInteger) Draw(BigInteger secret)
    {
        using ECDsa point = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        ECParameters parameters = point.ExportParameters(true);
        BigInteger r = Number(parameters.Q.X!) % Order;
        return (BigInteger.ModPow(Number(parameters.D!), Order - 2, Order), r, r * secret % Order);
    }

    private static BigInteger Number(ReadOnlySpan<byte> bigEndian) => new(bigEndian[..Bytes], isUnsigned: true, isBigEndian: true);
}
