using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Mesh;
using Pavise.KeyBroker.Rules;
using Pavise.KeyBroker.Sessions;
using Pavise.KeyBroker.Store;
using Pavise.Session;
using Pavise.Session.Extensions;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Guests;

/// <summary>Certificates of the mesh, guarded by rules on <c>mesh/certificate/WORKLOAD</c>, where WORKLOAD is the name that the attested policy has.</summary>
internal sealed class CertificateHandler(IBrokerStore store, ReleaseService releases, MeshAuthority authority, AuditLog audit, BrokerConfiguration configuration, TimeProvider clock)
{
    public async Task<ExtensionAnswer> HandleAsync(HttpContext context, GuestSession session, AttestedGuest guest, byte[] body)
    {
        byte[] request = MeshCertificate.ParseRequest(body);
        string workload = guest.Document?.Policy?.Name ?? "";
        ResourceUri resource = ResourceUri.Create("mesh", "certificate", workload.Length == 0 ? "nobody" : workload);
        IReadOnlyList<RuleVerdict> verdicts = workload.Length == 0 ? [] : releases.Appraise(guest, resource);
        byte[] certificate = authority.Sign(request, workload.Length == 0 ? "nobody" : workload, clock.GetUtcNow(), configuration.CertificateLife);
        (bool permitted, string entry) = await store.ChangeAsync(change =>
        {
            IReadOnlyList<RuleVerdict> told = ReleaseService.Current(verdicts, change);
            bool permits = told.Any(v => v.Permits);
            return (permits, audit.Append(change, permits ? "certificate" : "certificate-refused", json =>
            {
                AuditContent.WriteGuest(json, session, guest);
                if (!permits)
                {
                    ReleaseService.WriteRefusals(json, resource, told);
                }
                else
                {
                    json.WriteString("sha256", Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(certificate)));
                }
            }));
        });
        audit.Announce(entry);
        Problem refusal = Problems.NotPermitted(verdicts);
        return permitted
            ? ExtensionAnswer.Done(new MeshCertificate(certificate, authority.Certificate).Write())
            : ExtensionAnswer.Refused(StatusCodes.Status403Forbidden, refusal);
    }
}
