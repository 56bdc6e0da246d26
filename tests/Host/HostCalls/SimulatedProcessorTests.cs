using System.Security.Cryptography;
using Pavise.Host.HostCalls;

namespace Pavise.Host.Tests.HostCalls;

public sealed class SimulatedProcessorTests
{
    [Fact]
    public void A_report_carries_what_was_bound_and_asked_and_its_signature_holds()
    {
        byte[] hostData = RandomNumberGenerator.GetBytes(32);
        byte[] reportData = RandomNumberGenerator.GetBytes(64);
        using SimulatedProcessor processor = new(hostData);
        byte[] report = processor.Report(reportData);
        Assert.Equal(1184, report.Length);
        Assert.Equal(reportData, report[0x50..0x90]);
        Assert.Equal(hostData, report[0xC0..0xE0]);
        byte[] signature = [.. report[0x2A0..0x2D0].Reverse(), .. report[0x2E8..0x318].Reverse()];
        using ECDsa key = ECDsa.Create(processor.PublicKey);
        Assert.True(key.VerifyData(report.AsSpan(0, 0x2A0), signature, HashAlgorithmName.SHA384, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    [Fact]
    public void Every_visor_signs_with_the_same_known_key()
    {
        using SimulatedProcessor a = new(new byte[32]);
        using SimulatedProcessor b = new(new byte[32]);
        Assert.Equal(a.PublicKey.Q.X, b.PublicKey.Q.X);
    }
}
