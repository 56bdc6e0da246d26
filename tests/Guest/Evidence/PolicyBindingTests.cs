using System.Security.Cryptography;
using CsCheck;
using Pavise.Attestation;
using Pavise.Boundary;
using Pavise.Guest.Evidence;

namespace Pavise.Guest.Tests.Evidence;

public sealed class PolicyBindingTests
{
    private static readonly byte[] Policy = "{\"kind\":\"Policy\"}"u8.ToArray();

    [Fact]
    public async Task A_policy_whose_digest_the_launch_binds_is_accepted() =>
        Assert.Null(await PolicyBinding.CheckAsync(new Processor(SHA256.HashData(Policy)), Policy, default));

    [Fact]
    public async Task Any_other_bytes_are_not_the_bound_policy()
    {
        Processor processor = new(SHA256.HashData(Policy));
        Assert.NotNull(await PolicyBinding.CheckAsync(processor, (byte[])[.. Policy, (byte)'\n'], default));
        Assert.NotNull(await PolicyBinding.CheckAsync(processor, ReadOnlyMemory<byte>.Empty, default));
    }

    [Fact]
    public async Task Without_a_policy_the_launch_must_bind_zeros()
    {
        Assert.Null(await PolicyBinding.CheckAsync(new Processor(new byte[32]), ReadOnlyMemory<byte>.Empty, default));
        Assert.NotNull(await PolicyBinding.CheckAsync(new Processor(SHA256.HashData([])), ReadOnlyMemory<byte>.Empty, default));
    }

    [Fact]
    public async Task A_recorded_report_is_no_answer_to_a_new_question()
    {
        Processor processor = new(SHA256.HashData(Policy));
        Assert.Null(await PolicyBinding.CheckAsync(processor, Policy, default));
        Assert.NotNull(await PolicyBinding.CheckAsync(new Processor(SHA256.HashData(Policy), _ => processor.Last), Policy, default));
    }

    [Fact]
    public async Task Each_question_is_a_new_one()
    {
        Processor processor = new(SHA256.HashData(Policy));
        await PolicyBinding.CheckAsync(processor, Policy, default);
        byte[] first = processor.Asked;
        await PolicyBinding.CheckAsync(processor, Policy, default);
        Assert.NotEqual(first, processor.Asked);
    }

    [Fact]
    public async Task A_guest_without_an_evidence_source_binds_nothing() => Assert.NotNull(await PolicyBinding.CheckAsync(null, Policy, default));

    [Fact]
    public void A_malformed_report_binds_nothing() => Gen.Byte.Array[0, 1300].Sample(bytes =>
        PolicyBinding.CheckAsync(new Processor(SHA256.HashData(Policy), _ => bytes), Policy, default).GetAwaiter().GetResult() is not null);

    [Theory]
    [InlineData(0x50)]
    [InlineData(0x50 + 63)]
    [InlineData(0xC0)]
    [InlineData(0xC0 + 31)]
    public async Task One_flipped_bit_in_report_data_or_host_data_is_a_difference(int offset) =>
        Assert.NotNull(await PolicyBinding.CheckAsync(
            new Processor(SHA256.HashData(Policy), report =>
            {
                report[offset] ^= 1;
                return report;
            }),
            Policy,
            default));

    private sealed class Processor(byte[] hostData, Func<byte[], byte[]>? change = null) : IEvidenceSource
    {
        public TeeKind Tee => TeeKind.Simulated;

        public byte[] Asked { get; private set; } = [];

        public byte[] Last { get; private set; } = [];

        public Task<Untrusted<byte[]>> ReportAsync(ReadOnlyMemory<byte> reportData, CancellationToken cancellation)
        {
            byte[] report = new byte[1184];
            report[0] = 2;
            report[0x34] = 1;
            Asked = reportData.ToArray();
            Asked.CopyTo(report, 0x50);
            hostData.CopyTo(report, 0xC0);
            Last = change is null ? report : change(report);
            return Task.FromResult(new Untrusted<byte[]>(Last));
        }
    }
}
