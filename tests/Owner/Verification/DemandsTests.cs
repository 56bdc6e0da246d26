using Pavise.Attestation;
using Pavise.Owner.Verification;

namespace Pavise.Owner.Tests.Verification;

public sealed class DemandsTests : IDisposable
{
    private static readonly string One = new('1', 96), Two = new('2', 96);

    private readonly string folder = Directory.CreateTempSubdirectory("pavise-demands-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void Of_TDX_the_firmware_alone_is_no_expectation()
    {
        OwnerException refused = Assert.Throws<OwnerException>(() => For(TeeKind.Tdx, One));
        Assert.Contains("MRTD alone", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_TDX_what_is_not_compared_is_said_in_words()
    {
        LaunchMeasurement only = Assert.Single(For(TeeKind.Tdx, $"{One},any,{Two},any,any").Measurement.Values);
        Assert.Null(only.Rtmr0);
        Assert.Equal(Two, Convert.ToHexStringLower(only.Rtmr1!.Value.Span));
    }

    [Fact]
    public void Of_SNP_one_digest_is_the_whole_launch() => Assert.Single(For(TeeKind.Snp, One).Measurement.Values);

    [Theory]
    [InlineData("rtmr1")]
    [InlineData("rtmr2")]
    public void A_file_that_names_no_kernel_or_no_command_line_is_refused(string register)
    {
        string file = Path.Combine(folder, "measurement.json");
        File.WriteAllText(file, $$"""{"schema":"pavise.measurement/v1","measurements":[{"machine":"tdx","tee":"tdx","digest":"{{One}}","{{register}}":"{{Two}}","note":""}]}""");
        Assert.Throws<OwnerException>(() => For(TeeKind.Tdx, file));
    }

    private static EvidenceRequirements For(TeeKind tee, string measurement) =>
        new Demands { Tee = tee, Measurements = [measurement], MinimumTcbs = [], Statuses = [], Any = [] }.ToRequirements();
}
