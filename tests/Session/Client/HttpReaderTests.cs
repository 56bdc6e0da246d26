using System.Text;
using CsCheck;
using Pavise.Session.Client;

namespace Pavise.Session.Tests.Client;

public sealed class HttpReaderTests
{
    private const string Plain = "HTTP/1.1 200 OK\r\nContent-Type: x\r\nContent-Length: 3\r\n\r\nabc";

    [Theory]
    [InlineData(Plain, 200, "abc", false)]
    [InlineData("HTTP/1.1 404\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 404, "", true)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 200, "abc", false)]
    [InlineData("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", true)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 204, "", false)]
    public async Task An_answer_is_read(string text, int status, string body, bool close)
    {
        HttpAnswer answer = await ReadAsync(Encoding.Latin1.GetBytes(text));
        Assert.Equal((status, body, close), (answer.Status, Encoding.Latin1.GetString(answer.Body), answer.Close));
    }

    [Theory]
    [InlineData("HTTP/2 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 99 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\nContent-Length: 0\n\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n folded\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFF\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n")]
    public async Task What_is_not_of_the_form_is_refused(string text) =>
        await Assert.ThrowsAsync<SessionFormatException>(() => ReadAsync(Encoding.Latin1.GetBytes(text)));

    [Fact]
    public async Task Headers_without_end_are_refused()
    {
        await Assert.ThrowsAsync<SessionFormatException>(() => ReadAsync(Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\n" + string.Concat(Enumerable.Repeat("a: b\r\n", 200)))));
        await Assert.ThrowsAsync<SessionFormatException>(() => ReadAsync(Encoding.Latin1.GetBytes("HTTP/1.1 200 OK\r\na: " + new string('x', 64 * 1024))));
    }

    [Fact]
    public void Any_bytes_are_an_answer_or_refused() => Gen.Select(Gen.Int[0, Plain.Length - 1], Gen.Byte.Array[0, 6], Gen.Int[0, 8]).Sample((at, put, cut) =>
    {
        byte[] good = Encoding.Latin1.GetBytes(Plain);
        byte[] bytes = [.. good[..at], .. put, .. good[Math.Min(good.Length, at + cut)..]];
        try
        {
            ReadAsync(bytes).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is SessionFormatException or EndOfStreamException)
        {
        }
    }, iter: 5000, threads: 1);

    [Theory]
    [InlineData("https://kbs.example:8443", "spki-sha256:00", false)]
    [InlineData("http://kbs.example:8443", "", false)]
    [InlineData("https://user@kbs.example", "", false)]
    [InlineData("https://kbs.example/path", "", false)]
    [InlineData("https://kbs.example:8443", "", true)]
    [InlineData("https://[::1]:8443", "", true)]
    public void An_endpoint_is_a_plain_URL_and_a_whole_pin(string url, string pin, bool good)
    {
        pin = pin.Length == 0 ? "spki-sha256:" + new string('a', 64) : pin;
        if (good)
        {
            Assert.Equal(pin, BrokerEndpoint.Parse(url, pin).PinText);
        }
        else
        {
            Assert.Throws<SessionFormatException>(() => BrokerEndpoint.Parse(url, pin));
        }
    }

    private static Task<HttpAnswer> ReadAsync(byte[] bytes) => new HttpReader(new MemoryStream(bytes)).ReadAsync(1000, TestContext.Current.CancellationToken);
}
