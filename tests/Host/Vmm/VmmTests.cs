using System.Text;
using CsCheck;
using Pavise.Host.Vmm;

namespace Pavise.Host.Tests.Vmm;

public sealed class VmmTests
{
    [Fact]
    public void Lines_are_the_same_however_the_bytes_arrive() => Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 0, 30].Array[0, 20], Gen.Int[1, 9]).Sample(async (lines, step) =>
    {
        LineReader reader = new(new Slow(Encoding.ASCII.GetBytes(string.Concat(lines.Select(l => l + "\n"))), step), 64);
        foreach (string line in lines)
        {
            Assert.Equal(line, Encoding.ASCII.GetString((await reader.ReadAsync(CancellationToken.None))!.Value.Span));
        }

        Assert.Null(await reader.ReadAsync(CancellationToken.None));
    });

    [Fact]
    public async Task A_line_beyond_the_limit_is_refused() =>
        await Assert.ThrowsAsync<InvalidDataException>(async () => await new LineReader(new MemoryStream(new byte[100]), 64).ReadAsync(CancellationToken.None));

    [Fact]
    public void Any_qmp_line_is_understood_or_refused_and_nothing_else() => Gen.String.Sample(text =>
    {
        try
        {
            using System.Text.Json.JsonDocument document = QmpClient.Parse(Encoding.UTF8.GetBytes(text));
            QmpClient.Interpret(document.RootElement);
        }
        catch (QmpException)
        {
            // Refused.
        }
    });

    [Theory]
    [InlineData(1, "qemu: cannot set up guest memory 'm': Cannot allocate memory", null, "not enough memory")]
    [InlineData(0, "", "guest-shutdown", "powered itself off")]
    [InlineData(0, "", "guest-reset", "panic")]
    [InlineData(137, "", null, "killed")]
    [InlineData(1, "first\nlast", null, "its last words: last")]
    public void The_end_of_a_vmm_becomes_a_sentence(int status, string tail, string? reason, string meaning) =>
        Assert.Contains(meaning, VmmFailure.Explain(status, tail, reason), StringComparison.Ordinal);

    [Fact]
    public void The_vmm_s_user_is_the_named_one_or_nobody()
    {
        const string passwd = "root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/false\npavise-vmm:x:998:997::/:/bin/false\n";
        Assert.Equal(new VmmUser("pavise-vmm", 998, 997), VmmUser.Find("pavise-vmm", passwd));
        Assert.Equal("nobody", VmmUser.Find("absent", passwd)?.Name);
        Assert.Null(VmmUser.Find("absent", "root:x:0:0::/:/bin/sh"));
    }

    private sealed class Slow(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
    }
}
