using Pavise.KeyBroker.Sessions;
using Pavise.Session;
using Pavise.Session.Extensions;
using Pavise.Session.Jose;

namespace Pavise.KeyBroker.Guests;

/// <summary>Many resources, one transaction, one encryption.</summary>
internal sealed class BatchHandler(ReleaseService releases)
{
    public async Task<ExtensionAnswer> HandleAsync(HttpContext context, GuestSession session, AttestedGuest guest, byte[] body)
    {
        IReadOnlyList<ResourceUri> resources = Batch.ParseRequest(body);
        return ExtensionAnswer.Done(Jwe.Encrypt(guest.Key, Batch.WriteAnswer(await releases.ReleaseAsync(session, guest, resources))));
    }
}
