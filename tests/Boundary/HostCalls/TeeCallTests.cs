using System.Buffers.Binary;
using CsCheck;
using Pavise.Boundary.HostCalls;
using Pavise.Boundary.Tests.Support;

namespace Pavise.Boundary.Tests.HostCalls;

public sealed class TeeCallTests
{
    [Fact]
    public async Task Report_crosses_for_the_report_data_that_was_asked()
    {
        using Duplex duplex = await Duplex.OpenAsync();
        byte[] data = [.. Enumerable.Range(0, 64).Select(i => (byte)i)];
        Task<Untrusted<byte[]>> asked = TeeCall.AskAsync(duplex.Left, data, CancellationToken.None);
        Assert.Equal(data, await TeeCall.ReadReportDataAsync(duplex.Right, CancellationToken.None));
        await TeeCall.WriteReportAsync(duplex.Right, new byte[1184], CancellationToken.None);
        Assert.Equal(1184, (await asked).Validate(report => report.Length));
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(BoundaryLimits.ReportBytes + 1u)]
    [InlineData(uint.MaxValue)]
    public async Task Length_outside_its_limits_is_refused_before_memory_is_taken(uint length)
    {
        byte[] answer = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(answer, length);
        using MemoryDuplex stream = new(answer);
        await Assert.ThrowsAsync<InvalidDataException>(() => TeeCall.AskAsync(stream, new byte[64], CancellationToken.None));
    }

    [Fact]
    public async Task Report_data_of_another_length_is_not_sent()
    {
        using MemoryDuplex stream = new([]);
        await Assert.ThrowsAsync<ArgumentException>(() => TeeCall.AskAsync(stream, new byte[63], CancellationToken.None));
        await Assert.ThrowsAsync<ArgumentException>(() => TeeCall.WriteReportAsync(stream, ReadOnlyMemory<byte>.Empty, CancellationToken.None));
        Assert.Equal(0, stream.Written.Length);
    }

    [Fact]
    public void Arbitrary_answers_are_a_report_or_one_of_two_errors() => Gen.Byte.Array[0, 40].Sample(bytes =>
    {
        using MemoryDuplex stream = new(bytes);
        try
        {
            TeeCall.AskAsync(stream, new byte[64], CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception expected) when (expected is InvalidDataException or EndOfStreamException)
        {
            // Malformed, or cut off.
        }
    });

    [Fact]
    public void Untrusted_value_is_not_shown() => Assert.DoesNotContain("secret", new Untrusted<string>("secret").ToString(), StringComparison.Ordinal);
}
