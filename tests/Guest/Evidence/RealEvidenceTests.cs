using System.Buffers.Binary;
using Pavise.Attestation;
using Pavise.Guest.Evidence;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Tests.Evidence;

/// <summary>The kernel's interfaces to trusted execution environments, as far as a machine without one can show.</summary>
public sealed class RealEvidenceTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("pavise-tsm-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("sev_guest\n", TeeKind.Snp)]
    [InlineData("tdx_guest\n", TeeKind.Tdx)]
    public async Task Configfs_gives_the_evidence_for_the_report_data_of_each_question_and_is_left_clean(string provider, TeeKind tee)
    {
        Configfs files = new(folder, provider, [1, 2, 3]);
        TsmEvidence source = TsmEvidence.Find(files)!;
        Assert.Equal(tee, source.Tee);
        byte[] question = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        Assert.Equal([1, 2, 3], (await source.ReportAsync(question, default)).Validate(b => b));
        Assert.Equal(question, files.Asked);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void A_provider_that_is_not_known_and_a_kernel_without_the_interface_are_no_source()
    {
        Assert.Null(TsmEvidence.Find(new Configfs(folder, "cca_guest\n", [1])));
        Assert.Null(TsmEvidence.Find(new TsmFolder(Path.Combine(folder, "absent"))));
    }

    [Theory]
    [InlineData(0)]
    [InlineData((32 * 1024) + 1)]
    public async Task Evidence_of_an_impossible_length_is_an_error_and_leaves_nothing(int length)
    {
        TsmEvidence source = TsmEvidence.Find(new Configfs(folder, "sev_guest\n", new byte[length]))!;
        await Assert.ThrowsAsync<IOException>(() => source.ReportAsync(new byte[64], default));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Fact]
    public void The_question_to_the_secure_processor_has_the_layout_of_its_specification()
    {
        byte[] reportData = [.. Enumerable.Range(1, 64).Select(i => (byte)i)];
        byte[] question = SevGuestDevice.Question(reportData);
        Assert.Equal(96, question.Length);
        Assert.Equal(reportData, question[..64]);
        Assert.All(question[64..], b => Assert.Equal(0, b));
        byte[] request = SevGuestDevice.Request(0x1122, 0x3344);
        Assert.Equal((1, 0x1122L, 0x3344L, 0L), (request[0], BinaryPrimitives.ReadInt64LittleEndian(request.AsSpan(8)), BinaryPrimitives.ReadInt64LittleEndian(request.AsSpan(16)), BinaryPrimitives.ReadInt64LittleEndian(request.AsSpan(24))));
        Assert.Throws<ArgumentException>(() => SevGuestDevice.Question(new byte[63]));
    }

    [Fact]
    public void The_answer_is_as_long_as_the_firmware_says_and_its_refusal_an_error()
    {
        byte[] answer = new byte[4000];
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(4), 1184);
        answer[32] = 2;
        byte[] report = SevGuestDevice.Answer(answer);
        Assert.Equal((1184, 2), (report.Length, report[0]));
        BinaryPrimitives.WriteUInt32LittleEndian(answer.AsSpan(4), 3969);
        Assert.Throws<IOException>(() => SevGuestDevice.Answer(answer));
        BinaryPrimitives.WriteUInt32LittleEndian(answer, 0x16);
        Assert.Contains("status 16", Assert.Throws<IOException>(() => SevGuestDevice.Answer(answer)).Message, StringComparison.Ordinal);
    }

    /// <summary>What the kernel does when a folder is made: attributes appear, the answer among them.</summary>
    private sealed class Configfs(string path, string provider, byte[] evidence) : TsmFolder(path)
    {
        public byte[] Asked { get; private set; } = [];

        public override string Make()
        {
            string entry = base.Make();
            File.WriteAllText(Path.Combine(entry, "provider"), provider);
            File.WriteAllBytes(Path.Combine(entry, "inblob"), []);
            File.WriteAllBytes(Path.Combine(entry, "outblob"), evidence);
            return entry;
        }

        public override void Remove(string entry)
        {
            Asked = File.ReadAllBytes(Path.Combine(entry, "inblob"));
            Directory.Delete(entry, recursive: true);
        }
    }
}
