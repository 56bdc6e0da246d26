using System.Text;
using CsCheck;
using Pavise.Boundary.Tests.Support;

namespace Pavise.Boundary.Tests;

public sealed class StreamHeaderTests
{
    private static readonly Gen<string> Id = Gen.String[Gen.Char["abcXYZ019_-"], 1, 128];

    [Fact]
    public void Written_header_is_read_back_and_nothing_after_it_is_touched() =>
        Gen.Select(Gen.Int[0, 2], Id, Gen.OneOf(Gen.Const(""), Id)).Sample((kind, container, exec) =>
        {
            StreamHeader header = new((StreamKind)kind, container, exec);
            byte[] bytes = new byte[StreamHeader.MaximumBytes + 1];
            int length = header.Encode(bytes);
            using MemoryStream stream = new(bytes, 0, length + 1);
            Assert.Equal(header, StreamHeader.ReadAsync(stream, CancellationToken.None).GetAwaiter().GetResult());
            Assert.Equal(length, stream.Position);
        });

    [Fact]
    public void Layout_is_the_documented_one()
    {
        byte[] bytes = new byte[StreamHeader.MaximumBytes];
        int length = new StreamHeader(StreamKind.Stderr, "box", "e1").Encode(bytes);
        Assert.Equal("PVS1\u0002\u0003\u0002boxe1", Encoding.ASCII.GetString(bytes, 0, length));
    }

    [Theory]
    [InlineData("PVS2\0\u0001\0c")]
    [InlineData("PVS1\u0003\u0001\0c")]
    [InlineData("PVS1\0\0\0")]
    [InlineData("PVS1\0\u0001\0/")]
    [InlineData("PVS1\0\u0002\0..")]
    [InlineData("PVS1\0\u0001\u0001c\n")]
    public async Task Malformed_header_is_invalid_data(string text)
    {
        using MemoryStream stream = new(Encoding.Latin1.GetBytes(text));
        await Assert.ThrowsAsync<InvalidDataException>(() => StreamHeader.ReadAsync(stream, CancellationToken.None));
    }

    [Fact]
    public async Task Id_longer_than_the_limit_is_refused_before_it_is_read()
    {
        using MemoryStream stream = new([.. "PVS1\0"u8, 129, 0, .. new byte[400]]);
        await Assert.ThrowsAsync<InvalidDataException>(() => StreamHeader.ReadAsync(stream, CancellationToken.None));
        Assert.Equal(StreamHeader.FixedBytes, stream.Position);
    }

    [Fact]
    public void Header_outside_its_limits_is_not_written()
    {
        Assert.Throws<ArgumentException>(() => new StreamHeader((StreamKind)3, "c", "").Encode(new byte[StreamHeader.MaximumBytes]));
        Assert.Throws<ArgumentException>(() => new StreamHeader(StreamKind.Stdin, "", "").Encode(new byte[StreamHeader.MaximumBytes]));
        Assert.Throws<ArgumentException>(() => new StreamHeader(StreamKind.Stdin, "c", new string('e', 129)).Encode(new byte[StreamHeader.MaximumBytes]));
    }

    [Fact]
    public void Arbitrary_bytes_are_a_header_or_one_of_two_errors() =>
        Gen.Select(Gen.Bool, Gen.Byte.Array[0, 300]).Sample((magic, tail) =>
        {
            using MemoryStream stream = new(magic ? [.. "PVS1"u8, .. tail] : tail);
            try
            {
                StreamHeader header = StreamHeader.ReadAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
                Assert.Equal(stream.Position, header.Encode(new byte[StreamHeader.MaximumBytes]));
            }
            catch (Exception expected) when (expected is InvalidDataException or EndOfStreamException)
            {
                // Malformed, or cut off.
            }
        });

    [Fact]
    public async Task Open_answer_is_one_byte()
    {
        using MemoryStream stream = new();
        await StreamAnswer.WriteOpenAsync(stream, CancellationToken.None);
        Assert.Equal([0], stream.ToArray());
        stream.Position = 0;
        Assert.True((await StreamAnswer.ReadAsync(stream, CancellationToken.None)).IsOpen);
    }

    [Fact]
    public void Refusal_is_read_back_cut_between_characters_at_the_limit() => Gen.String[Gen.Char["aü€"], 0, 1200].Sample(message =>
    {
        using MemoryStream stream = new();
        StreamAnswer.WriteRefusedAsync(stream, message, CancellationToken.None).GetAwaiter().GetResult();
        stream.Position = 0;
        StreamAnswer answer = StreamAnswer.ReadAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
        Assert.False(answer.IsOpen);
        Assert.StartsWith(answer.Refusal!, message, StringComparison.Ordinal);
        int bytes = Encoding.UTF8.GetByteCount(answer.Refusal!);
        Assert.True(answer.Refusal == message || bytes > BoundaryLimits.StreamRefusalBytes - 4);
        Assert.Equal(stream.Length, 3 + bytes);
    });

    [Fact]
    public void Arbitrary_answers_are_an_answer_or_one_of_two_errors() => Gen.Byte.Array[0, 20].Sample(bytes =>
    {
        using MemoryDuplex stream = new(bytes);
        try
        {
            StreamAnswer.ReadAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (Exception expected) when (expected is InvalidDataException or EndOfStreamException)
        {
            // Malformed, or cut off.
        }
    });
}
