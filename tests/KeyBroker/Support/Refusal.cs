using System.Text;
using System.Text.Json;
using Pavise.Session;
using Pavise.Session.Client;

namespace Pavise.KeyBroker.Tests.Support;

/// <summary>What must be seen of every refusal: an error for the guest, the failing check with its two values in the audit, and no content anywhere.</summary>
internal static class Refusal
{
    public static readonly ResourceUri Password = ResourceUri.Parse("kbs:///redis/secrets/password");

    public static readonly byte[] Secret = Encoding.UTF8.GetBytes("correct horse battery staple");

    /// <summary>The guest attests and asks for the secret; somewhere on the way it is refused.</summary>
    /// <param name="broker">A broker with the secret and a rule for it.</param>
    /// <param name="guest">What is wrong.</param>
    /// <param name="checks">The checks that fail, all of them.</param>
    public static async Task SeenAsync(TestBroker broker, AttestParameters guest, params string[] checks)
    {
        BrokerException refused = await Assert.ThrowsAsync<BrokerException>(async () =>
        {
            using BrokerSession session = await broker.AttestAsAsync(guest);
            await session.GetAsync(Password, TestContext.Current.CancellationToken);
        });
        Assert.True(refused.Failure is BrokerFailure.Unauthenticated or BrokerFailure.Refused, $"{refused.Failure}");
        Assert.DoesNotContain("expected", refused.Message, StringComparison.Ordinal);
        await InAuditAsync(broker, checks);
    }

    /// <summary>The one refusal of the audit names these checks, each with what was expected and found, and nothing was released.</summary>
    public static async Task InAuditAsync(TestBroker broker, params string[] checks)
    {
        IReadOnlyList<JsonElement> all = await broker.Admin.AuditAsync();
        JsonElement entry = Assert.Single(all, e => AuditText.Text(e, "kind") is "refused" or "attestation-refused" or "challenge-refused");
        JsonElement[] refusing = [.. AuditText.FailingChecks(entry)], failed = [.. refusing.Where(c => AuditText.Text(c, "status") == "failed")];

        // What could not be evaluated since another check failed is listed beside it; alone it is the reason.
        JsonElement[] failing = failed.Length > 0 ? failed : refusing;
        Assert.Equal(checks.Order(StringComparer.Ordinal), failing.Select(c => AuditText.Text(c, "name")).Order(StringComparer.Ordinal));
        Assert.All(failing, c =>
        {
            Assert.NotEmpty(AuditText.Text(c, "expected"));
            Assert.NotEmpty(AuditText.Text(c, "found"));
            Assert.NotEqual(AuditText.Text(c, "expected"), AuditText.Text(c, "found"));
        });
        Assert.DoesNotContain(all, e => AuditText.Text(e, "kind") == "released");
    }
}
