using Pavise.KeyBroker.Sessions;
using Pavise.Session.Extensions;

namespace Pavise.KeyBroker.Guests;

/// <summary>The broker's time, signed.</summary>
internal sealed class TimeHandler(TokenKeys keys, TimeProvider clock)
{
    public Task<ExtensionAnswer> HandleAsync(HttpContext context, GuestSession session, AttestedGuest guest, byte[] body) =>
        Task.FromResult(ExtensionAnswer.Done(SignedTime.WriteAnswer(keys.Signing, SignedTime.ParseRequest(body), clock.GetUtcNow())));
}
