using System.Security.Cryptography;
using Pavise.Attestation;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Launch;
using Pavise.Host.HostCalls;
using Pavise.Host.Protos;

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

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_owners_verifier_accepts_a_report_with_the_measurement_that_the_owner_computes(bool process)
    {
        string folder = Directory.CreateTempSubdirectory("pavise-simulated-").FullName;
        try
        {
            byte[] one = RandomNumberGenerator.GetBytes(5000), two = RandomNumberGenerator.GetBytes(7000), policy = RandomNumberGenerator.GetBytes(100), reportData = RandomNumberGenerator.GetBytes(64);
            string first = Path.Combine(folder, "first"), second = Path.Combine(folder, "second");
            File.WriteAllBytes(first, one);
            File.WriteAllBytes(second, two);
            LaunchRequest request = process ? new() { GuestProgram = first } : new() { Kernel = first, Initrd = second, CommandLine = "quiet" };
            byte[] expected = process ? SimulatedLaunch.OfProcess(SHA256.HashData(one)) : SimulatedLaunch.OfMachine(BootHashes.Of(one, two, "quiet"));
            using SimulatedProcessor processor = new(SHA256.HashData(policy), SimulatedMeasurement.Of(request));
            Verdict Verify(byte[] measurement) => EvidenceVerifier.Verify(
                TeeKind.Simulated,
                processor.Report(reportData),
                VerificationCollateral.None,
                new()
                {
                    Tees = [TeeKind.Simulated],
                    ReportData = Expected<ReadOnlyMemory<byte>>.OneOf(reportData),
                    Policy = Expected<PolicyDigest>.OneOf(PolicyDigest.OfPolicy(policy)),
                    Measurement = Expected<LaunchMeasurement>.OneOf(new LaunchMeasurement(measurement)),
                },
                default);
            Assert.True(Verify(expected).Accepted, Verify(expected).ToString());
            Assert.Equal([CheckNames.Measurement], Verify(new byte[48]).Refusals.Select(c => c.Name));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
