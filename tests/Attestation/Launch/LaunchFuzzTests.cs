using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Pavise.Attestation.Launch;
using Pavise.Attestation.Tests.Fuzzing;

namespace Pavise.Attestation.Tests;

/// <summary>Firmware and kernels as inputs: read or refused, never worse; and what depends on what.</summary>
public sealed class LaunchFuzzTests
{
    private static T? Try<T>(Func<T> read) where T : class
    {
        try
        {
            return read();
        }
        catch (LaunchInputException)
        {
            return null;
        }
    }

    [Fact]
    public void Firmware_is_measured_or_refused()
    {
        byte[][] images = [Firmwares.Snp(), Firmwares.Tdx()];
        Fuzzer.FindsNothing(images, 6_000, input =>
        {
            _ = Try(() => TdxFirmware.Read(input).MrTd());
            return Try(() => SnpFirmware.Read(input)) is { } firmware && firmware.Sections.Any(s => s.Bytes % 4096 != 0) ? "an area that is not whole pages" : null;
        });
    }

    [Fact]
    public void The_fuzzer_finds_a_reader_that_measures_half_pages()
    {
        byte[][] images = [Firmwares.Snp()];
        Fuzzer.FindsTheMistake(images, 60_000, input => Try(() => FirmwareTable.Read(input)) is { } table
            && Try(() => table.FromEnd(BinaryPrimitives.ReadUInt32LittleEndian(table.Entry(Firmwares.SevMetadata, "metadata", 4).Span)).ToArray()) is { Length: > 24 } metadata
            && metadata.AsSpan().StartsWith("ASEV"u8)
            && BinaryPrimitives.ReadUInt32LittleEndian(metadata.AsSpan(20)) % 4096 != 0 ? "an area that is not whole pages" : null);
    }

    [Fact]
    public void Every_byte_of_the_firmware_every_vCPU_and_every_boot_file_changes_the_SNP_digest()
    {
        byte[] image = Firmwares.Snp();
        SnpLaunch launch = new() { Firmware = SnpFirmware.Read(image), Vcpus = 2, CpuidSignature = 0x00a00f11, Boot = BootHashes.Of([1], [2], "quiet") };
        HashSet<string> seen = [Convert.ToHexString(launch.Digest().Span)];
        void New(SnpLaunch other) => Assert.True(seen.Add(Convert.ToHexString(other.Digest().Span)));
        New(launch with { Vcpus = 3 });
        New(launch with { CpuidSignature = 0x00a00f12 });
        New(launch with { Features = 0x21 });
        New(launch with { Vmm = SnpVmm.Ec2 });
        New(launch with { Boot = BootHashes.Of([3], [2], "quiet") });
        New(launch with { Boot = BootHashes.Of([1], [3], "quiet") });
        New(launch with { Boot = BootHashes.Of([1], [2], "quiet debug") });
        New(launch with { Boot = null });
        for (int offset = 0; offset < 2048; offset += 97)
        {
            byte[] changed = [.. image];
            changed[offset] ^= 1;
            New(launch with { Firmware = SnpFirmware.Read(changed) });
        }
    }

    [Fact]
    public void A_direct_boot_with_firmware_that_checks_no_kernel_is_refused()
    {
        SnpFirmware firmware = SnpFirmware.Read(Firmwares.Snp(hashes: false));
        Assert.Throws<LaunchInputException>(() => new SnpLaunch { Firmware = firmware, Vcpus = 1, CpuidSignature = 1, Boot = BootHashes.Of([], [], "") }.Digest());
        Assert.Throws<LaunchInputException>(() => new SnpLaunch { Firmware = firmware, Vcpus = 0, CpuidSignature = 1 }.Digest());
    }

    [Fact]
    public void MRTD_is_the_hash_of_the_records_that_the_module_writes_and_the_configuration_volume_is_known()
    {
        // Written out for the one measured page and the two added ones of this image, by the ABI's description alone.
        byte[] image = Firmwares.Tdx();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA384);
        void Record(string name, ulong address)
        {
            byte[] record = new byte[128];
            Encoding.ASCII.GetBytes(name).CopyTo(record, 0);
            BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), address);
            hash.AppendData(record);
        }

        Record("MEM.PAGE.ADD", 0xFFFFF000);
        for (ulong at = 0; at < 4096; at += 256)
        {
            Record("MR.EXTEND", 0xFFFFF000 + at);
            hash.AppendData(image.AsSpan((int)at, 256));
        }

        Record("MEM.PAGE.ADD", 0x809000);
        Record("MEM.PAGE.ADD", 0x80A000);
        Record("MEM.PAGE.ADD", 0xFFC84000);
        Assert.Equal(hash.GetHashAndReset(), TdxFirmware.Read(image).MrTd());
        Assert.Equal(SHA384.HashData(image.AsSpan(0, 1024)), Assert.Single(TdxFirmware.Read(image).ConfigurationVolumes()).ToArray());
    }

    [Fact]
    public void TDX_registers_change_with_kernel_command_line_and_initial_RAM_disk()
    {
        TdxLaunch launch = new() { Firmware = TdxFirmware.Read(Firmwares.Tdx()), Kernel = Firmwares.Kernel(), Initrd = new byte[5000], CommandLine = "quiet", MemoryBytes = 512 << 20 };
        LaunchMeasurement right = launch.Measure();
        byte[] kernel = Firmwares.Kernel();
        kernel[^1] ^= 1;
        Assert.NotEqual(right.ToString(), (launch with { Kernel = kernel }).Measure().ToString());
        Assert.Equal(right.Rtmr2!.Value.ToArray(), (launch with { Kernel = kernel }).Measure().Rtmr2!.Value.ToArray());
        Assert.NotEqual(right.Rtmr2.Value.ToArray(), (launch with { CommandLine = "loud" }).Measure().Rtmr2!.Value.ToArray());
        Assert.NotEqual(right.Rtmr2.Value.ToArray(), (launch with { Initrd = new byte[5001] }).Measure().Rtmr2!.Value.ToArray());
        Assert.Null(right.Rtmr0);
        Assert.Equal(new byte[48], right.Rtmr3!.Value.ToArray());
        Assert.Throws<LaunchInputException>(() => (launch with { Initrd = new byte[600 << 10], MemoryBytes = 512 << 10 }).Measure());
        Assert.Throws<LaunchInputException>(() => (launch with { Kernel = new byte[10] }).Measure());
    }

    [Fact]
    public void Kernels_are_measured_or_refused() => Fuzzer.FindsNothing([Firmwares.Kernel()], 20_000, input =>
    {
        _ = Try(() => Authenticode.Sha384(input));
        return Try(() => QemuKernel.Patch(input, 4096, 512 << 20)) is { } patched && patched.Length != input.Length ? "another length" : null;
    });

    [Fact]
    public void The_image_hash_leaves_out_checksum_and_certificates_and_nothing_else()
    {
        byte[] kernel = Firmwares.Kernel();
        byte[] right = Authenticode.Sha384(kernel);
        int pe = BinaryPrimitives.ReadInt32LittleEndian(kernel.AsSpan(0x3C)), checksum = pe + 24 + 64, certificates = pe + 24 + 144;
        HashSet<int> free = [.. Enumerable.Range(checksum, 4)];
        for (int offset = 0; offset < kernel.Length; offset++)
        {
            byte[] changed = [.. kernel];
            changed[offset] ^= 1;
            if (Try(() => Authenticode.Sha384(changed)) is { } other && (offset < certificates || offset >= certificates + 8))
            {
                Assert.True(right.AsSpan().SequenceEqual(other) == free.Contains(offset), $"byte {offset}");
            }
        }
    }

    [Fact]
    public void Simulated_measurements_differ_by_everything_that_is_launched()
    {
        BootHashes boot = BootHashes.Of([1], [2], "a");
        string[] all =
        [
            .. new[] { boot, BootHashes.Of([2], [2], "a"), BootHashes.Of([1], [1], "a"), BootHashes.Of([1], [2], "b") }.Select(b => Convert.ToHexString(SimulatedLaunch.OfMachine(b))),
            Convert.ToHexString(SimulatedLaunch.OfProcess(SHA256.HashData([1]))),
        ];
        Assert.Equal(all.Length, all.Distinct().Count());
    }

    [Fact]
    public void Sections_of_TDX_firmware_stay_inside_the_image()
    {
        byte[][] images = [Firmwares.Tdx()];
        Fuzzer.FindsNothing(images, 6_000, i => Try(() => TdxFirmware.Read(i)) is { } firmware && firmware.MrTd().Length != 48 ? "no digest" : null);
    }

    [Fact]
    public void The_fuzzer_finds_a_reader_of_TDX_sections_that_checks_no_bounds() => Fuzzer.FindsTheMistake([Firmwares.Tdx()], 60_000, i =>
    {
        if (Try(() => FirmwareTable.Read(i)) is null || i.Length != 4096 || !i.AsSpan(3000, 4).SequenceEqual("TDVF"u8))
        {
            return null;
        }

        ulong offset = BinaryPrimitives.ReadUInt32LittleEndian(i.AsSpan(3016)), bytes = BinaryPrimitives.ReadUInt32LittleEndian(i.AsSpan(3020));
        return offset + bytes > 4096 ? "a section outside of the image" : null;
    });

    [Fact]
    public void The_fuzzer_finds_an_image_hash_that_trusts_the_headers() => Fuzzer.FindsTheMistake([Firmwares.Kernel()], 20_000, i =>
        i.Length > 0x200 && i.AsSpan().StartsWith("MZ"u8) && BinaryPrimitives.ReadInt32LittleEndian(i.AsSpan(0x3C)) is var pe && (pe < 0 || pe > i.Length - 200) ? "headers outside of the file" : null);
}
