using Pavise.Attestation;
using Pavise.KeyBroker.Sessions;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary>Checks of an exchange itself, beside those of its evidence: they stand in the audit in the same form. What a guest sent is cut and made printable.</summary>
internal static class ExchangeChecks
{
    public const string Kind = "exchange.kind", Challenge = "exchange.challenge", Nonce = "exchange.nonce", Devices = "exchange.devices", Document = "exchange.document";

    private const int MostChars = 120;

    public static Check KindRefused(string expected, string found) => Failed(Kind, expected, found);

    public static Check ChallengeUsed { get; } = Failed(Challenge, "used once", "used before");

    public static Check OtherNonce(GuestSession session, AttestRequest request) => Failed(Nonce, session.Nonce, request.Nonce);

    public static Check FurtherDevices(AttestRequest request) => Failed(Devices, "none", request.AdditionalEvidence);

    public static Check DocumentRefused(string why) => Failed(Document, "a policy in canonical JSON, or initdata", why);

    private static Check Failed(string name, string expected, string found) => new(name, CheckStatus.Failed, true, Printable(expected), Printable(found));

    private static string Printable(string text)
    {
        string cut = text.Length <= MostChars ? text : string.Concat(text.AsSpan(0, MostChars), "...");
        return new([.. cut.Select(c => c is < ' ' or > '~' ? '?' : c)]);
    }
}
