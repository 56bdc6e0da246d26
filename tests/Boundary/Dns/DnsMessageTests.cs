using System.Net;
using CsCheck;
using Pavise.Boundary.Dns;

namespace Pavise.Boundary.Tests.Dns;

public sealed class DnsMessageTests
{
    private static readonly DnsQuestion Question = new(7, "db.example.com", DnsMessage.TypeA, DnsMessage.ClassInternet);

    [Fact]
    public void A_question_is_read_as_it_was_written() =>
        Assert.Equal(Question, DnsMessage.ReadQuestion(DnsMessage.Ask(7, "DB.example.com", DnsMessage.TypeA)));

    [Fact]
    public void An_answer_is_read_as_it_was_written() => Gen.Byte.Array[4].Array[0, 16].Sample(addresses =>
    {
        IPAddress[] given = [.. addresses.Select(a => new IPAddress(a))];
        DnsAnswer? read = DnsMessage.ReadAnswer(DnsMessage.Answer(Question, DnsMessage.CodeNoError, given, 60), Question);
        Assert.NotNull(read);
        Assert.Equal(given, read.Addresses);
        Assert.False(read.IsCut);
    });

    [Fact]
    public void The_answer_to_another_question_is_none()
    {
        byte[] answer = DnsMessage.Answer(Question, DnsMessage.CodeNoError, [IPAddress.Parse("10.0.0.1")], 60);
        Assert.Null(DnsMessage.ReadAnswer(answer, Question with { Id = 8 }));
        Assert.Null(DnsMessage.ReadAnswer(answer, Question with { Name = "other.example.com" }));
        Assert.Null(DnsMessage.ReadAnswer(answer, Question with { Type = DnsMessage.TypeAaaa }));
    }

    [Fact]
    public void Arbitrary_messages_neither_fail_nor_loop() => Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 40], Gen.Byte).Sample((noise, at, value) =>
    {
        _ = DnsMessage.ReadQuestion(noise);
        _ = DnsMessage.ReadAnswer(noise, Question);
        byte[] answer = DnsMessage.Answer(Question, DnsMessage.CodeNoError, [IPAddress.Parse("10.0.0.1"), IPAddress.Parse("10.0.0.2")], 60);
        answer[at % answer.Length] = value;
        _ = DnsMessage.ReadAnswer(answer, Question);
        _ = DnsMessage.ReadAnswer(answer.AsSpan(0, answer.Length - (at % answer.Length)), Question);
    }, iter: 100_000);

    [Fact]
    public void A_name_that_points_at_itself_is_none()
    {
        byte[] message = DnsMessage.Ask(1, "a", DnsMessage.TypeA);
        (message[12], message[13]) = (0xC0, 12);
        Assert.Null(DnsMessage.ReadQuestion(message));
    }
}
