using System.Text;
using System.Text.Json;
using CsCheck;
using Pavise.Attestation.Kbs;

namespace Pavise.Attestation.Tests.Fuzzing;

/// <summary>Lists of numbers as bytes, against the JSON library's own reading of each number.</summary>
public sealed class JsonBytesTests
{
    private static readonly string[] Elements = ["0", "7", "255", "256", "999", "1000", "-1", "1.0", "1e1", "\"1\"", "[]", "[1]", "null", "true", "{}", " 12 ", "\n3\t"];

    [Fact]
    public void A_list_is_read_exactly_when_the_library_reads_each_of_its_elements_as_a_byte() =>
        Gen.Int[0, Elements.Length - 1].Array[0, 6].Sample(elements => Same($"[{string.Join(',', elements.Select(e => Elements[e]))}]"), iter: 5000, threads: 1);

    [Fact]
    public void Whatever_bytes_are_written_are_read_back() => Gen.Byte.Array[0, 2000].Sample(bytes =>
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
        {
            JsonBytes.Write(json, bytes);
        }

        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        return JsonBytes.Read(document.RootElement, 2000).AsSpan().SequenceEqual(bytes);
    }, iter: 500, threads: 1);

    private static bool Same(string text)
    {
        using JsonDocument document = JsonDocument.Parse(Encoding.ASCII.GetBytes(text));
        return string.Equals(Text(() => JsonBytes.Read(document.RootElement, 100)), Text(() => [.. document.RootElement.EnumerateArray().Select(e => e.GetByte())]), StringComparison.Ordinal);
    }

    private static string Text(Func<byte[]> read)
    {
        try
        {
            return Convert.ToHexString(read());
        }
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return "refused";
        }
    }
}
