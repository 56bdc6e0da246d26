using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pavise.Attestation;
using Pavise.Attestation.Launch;
using Pavise.Attestation.Tests;
using Pavise.Owner.GuestBuild.Archive;
using Pavise.Owner.GuestBuild.Manifest;
using Pavise.Owner.Measurement;

namespace Pavise.Owner.Tests.Measurement;

/// <summary>`pavise measure` as it is called, on small guest images.</summary>
public sealed class MeasureCommandTests : IDisposable
{
    private static readonly byte[] Kernel = Firmwares.Kernel(), Init = "a program"u8.ToArray();

    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-measure-").FullName;

    public MeasureCommandTests()
    {
        byte[] initrd = Initrd();
        GuestManifest manifest = new(
            "development",
            "6.1",
            Beside(GuestManifest.KernelName, Kernel),
            Beside(GuestManifest.InitrdName, initrd),
            new SortedDictionary<string, string> { ["tcg"] = "quiet a", ["kvm"] = "quiet b", ["snp"] = "quiet c", ["tdx"] = "quiet d" },
            [new("/init", Hash(Init), Init.Length, "0755")]);
        File.WriteAllBytes(Path.Combine(_folder, GuestManifest.KernelName), Kernel);
        File.WriteAllBytes(Path.Combine(_folder, GuestManifest.InitrdName), initrd);
        File.WriteAllBytes(Path.Combine(_folder, GuestManifest.FileName), ManifestWriter.Write(manifest));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static byte[] Initrd()
    {
        using MemoryStream archive = new();
        CpioWriter.Write(archive, [CpioEntry.File("init", Init, 0b111_101_101)]);
        return archive.ToArray();
    }

    private static ManifestFile Beside(string name, byte[] content) => new(name, Hash(content), content.Length);

    private static string Hash(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using StringWriter output = new(), errors = new();
        int code = await CommandLine.RunAsync(["measure", _folder, .. arguments], output, errors);
        return (code, output.ToString(), errors.ToString());
    }

    [Fact]
    public async Task Simulated_measurements_need_no_firmware()
    {
        (int code, string output, string errors) = await RunAsync();
        Assert.True(code == 0, errors);
        Assert.Contains(Convert.ToHexStringLower(SimulatedLaunch.OfMachine(BootHashes.Of(Kernel, Initrd(), "quiet a"))), output, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SimulatedLaunch.OfMachine(BootHashes.Of(Kernel, Initrd(), "quiet b"))), output, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SimulatedLaunch.OfProcess(SHA256.HashData(Init))), output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_measurements_is_what_verify_reads()
    {
        byte[] json = Encoding.UTF8.GetBytes((await RunAsync("--json")).Output);
        Assert.Equal(3, MeasurementFormat.Read(json, TeeKind.Simulated).Count);
        Assert.Empty(MeasurementFormat.Read(json, TeeKind.Snp));
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(MeasurementFormat.Schema, document.RootElement.GetProperty("schema").GetString());
    }

    [Fact]
    public async Task SNP_and_TDX_without_firmware_say_what_is_missing()
    {
        foreach (string machine in new[] { "snp", "tdx" })
        {
            (int code, _, string errors) = await RunAsync("--machine", machine);
            Assert.Equal(1, code);
            Assert.Contains("--firmware", errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_file_that_is_not_the_manifests_is_not_measured()
    {
        File.WriteAllText(Path.Combine(_folder, GuestManifest.KernelName), "another");
        (int code, _, string errors) = await RunAsync();
        Assert.Equal(1, code);
        Assert.Contains("not what its manifest says", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Firmware_that_is_none_and_unknown_models_are_errors()
    {
        string firmware = Path.Combine(_folder, "ovmf");
        File.WriteAllBytes(firmware, new byte[4096]);
        Assert.Contains("no OVMF", (await RunAsync("--machine", "snp", "--firmware", firmware)).Errors, StringComparison.Ordinal);
        Assert.Contains("EPYC-Milan", (await RunAsync("--vcpu-type", "Pentium")).Errors, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("--vcpu-type", "0x00a00f11")).Code);
        Assert.Equal(2, (await RunAsync("--machine", "sgx")).Code);
    }

    [Fact]
    public async Task The_SNP_launch_digest_is_that_of_the_images_kernel_initial_RAM_disk_and_command_line()
    {
        string firmware = Path.Combine(_folder, "ovmf");
        File.WriteAllBytes(firmware, Firmwares.Snp());
        (int code, string output, string errors) = await RunAsync("--machine", "snp", "--firmware", firmware, "--vcpus", "2", "--vcpu-type", "EPYC-Milan", "--features", "0x21");
        Assert.True(code == 0, errors);
        SnpLaunch launch = new()
        {
            Firmware = SnpFirmware.Read(File.ReadAllBytes(firmware)),
            Vcpus = 2,
            CpuidSignature = 0x00a00f11,
            Features = 0x21,
            Boot = BootHashes.Of(Kernel, Initrd(), "quiet c"),
        };
        Assert.Contains(Convert.ToHexStringLower(launch.Digest().Span), output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_TDX_the_register_of_the_ACPI_tables_is_left_open_and_said_to_be_unless_the_owner_names_it()
    {
        string firmware = Path.Combine(_folder, "ovmf"), register = new('a', 96);
        byte[] image = Firmwares.Tdx();
        File.WriteAllBytes(firmware, image);
        (int code, string output, string errors) = await RunAsync("--machine", "tdx", "--firmware", firmware, "--json");
        Assert.True(code == 0, errors);
        LaunchMeasurement open = Assert.Single(MeasurementFormat.Read(Encoding.UTF8.GetBytes(output), TeeKind.Tdx));
        Assert.Null(open.Rtmr0);
        Assert.Contains("left open", output, StringComparison.Ordinal);
        Assert.Contains(Convert.ToHexStringLower(SHA384.HashData(image.AsSpan(0, 1024))), output, StringComparison.Ordinal);

        (code, output, errors) = await RunAsync("--machine", "tdx", "--firmware", firmware, "--json", "--rtmr0", register);
        Assert.True(code == 0, errors);
        Assert.Equal((open with { Rtmr0 = Convert.FromHexString(register) }).ToString(), Assert.Single(MeasurementFormat.Read(Encoding.UTF8.GetBytes(output), TeeKind.Tdx)).ToString());
        Assert.Contains("--rtmr0", (await RunAsync("--machine", "tdx", "--firmware", firmware, "--rtmr0", "abc")).Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("{\"schema\":\"other\",\"measurements\":[]}")]
    [InlineData("{\"schema\":\"pavise.measurement/v1\",\"measurements\":[{\"tee\":\"sim\",\"digest\":\"00\"}]}")]
    public void Other_files_are_no_measurements(string text) => Assert.Throws<FormatException>(() => MeasurementFormat.Read(Encoding.UTF8.GetBytes(text), TeeKind.Simulated));

    [Fact]
    public void Five_digests_are_read_with_any_where_nothing_is_compared()
    {
        string digest = new('a', 96);
        LaunchMeasurement measurement = MeasurementFormat.Parse($"{digest},any,{digest},{digest},any");
        Assert.Null(measurement.Rtmr0);
        Assert.Null(measurement.Rtmr3);
        Assert.Equal(48, measurement.Rtmr1!.Value.Length);
        Assert.Equal($"{digest},any,{digest},{digest},any", measurement.ToString());
    }
}
