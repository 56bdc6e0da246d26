using Pavise.KeyBroker.Admin;
using Pavise.KeyBroker.Guests;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Metrics;
using Pavise.Session;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker;

/// <summary>Which path is answered by what. docs/key-broker.md and OpenApi/openapi.json list the same paths; a test compares.</summary>
internal static class BrokerRoutes
{
    private const string Name = "{repository}/{type}/{tag}";

    public static void Map(IEndpointRouteBuilder app, BrokerParts parts)
    {
        MapGuests(app, parts);
        MapAdministration(app, parts);
        MapTrusteeAdministration(app, parts);
        app.MapGet("/healthz", (RequestDelegate)(context => Answers.JsonAsync(context, "{\"status\":\"alive\"}"u8.ToArray())));
        app.MapGet("/readyz", (RequestDelegate)(context => Readiness.HandleAsync(context, parts.Store)));
        app.MapGet("/openapi.json", (RequestDelegate)StaticPages.OpenApiAsync);
    }

    private static void MapGuests(IEndpointRouteBuilder app, BrokerParts p)
    {
        ExtensionEndpoint extensions = new(p.Sessions, p.Keys, p.Clock);
        app.MapPost(BrokerPaths.Auth, (RequestDelegate)new AuthEndpoint(p.Sessions, p.Audit, p.Refusals, p.Configuration, p.Metrics).HandleAsync);
        app.MapPost(BrokerPaths.Attest, (RequestDelegate)new AttestEndpoint(p.Sessions, p.Judge, p.Keys, p.Audit, p.Refusals, p.Rules, p.Configuration, p.Metrics, p.Clock).HandleAsync);
        app.MapGet(BrokerPaths.Resource + Name, (RequestDelegate)new ResourceEndpoint(p.Sessions, p.Keys, p.Releases, p.Clock).HandleAsync);
        app.MapPost(BrokerPaths.Batch, extensions.Of(8 * SessionLimits.RequestBytes, new BatchHandler(p.Releases).HandleAsync));
        app.MapPost(BrokerPaths.Time, extensions.Of(SessionLimits.RequestBytes, new TimeHandler(p.Keys, p.Clock).HandleAsync));
        app.MapPost(BrokerPaths.Counter + Name, extensions.Of(SessionLimits.RequestBytes, new CounterHandler(p.Store, p.Releases, p.Audit, p.Clock).HandleAsync));
        app.MapPost(BrokerPaths.Lease + Name, extensions.Of(SessionLimits.RequestBytes, new LeaseHandler(p.Store, p.Releases, p.Audit, p.Clock).HandleAsync));
        app.MapPost(BrokerPaths.Certificate, extensions.Of(SessionLimits.RequestBytes, new CertificateHandler(p.Store, p.Releases, p.Mesh, p.Audit, p.Configuration, p.Clock).HandleAsync));
        app.MapPost(BrokerPaths.AuditHead, extensions.Of(SessionLimits.RequestBytes, new AuditHeadHandler(p.Store, p.Audit, p.Clock).HandleAsync));
    }

    private static void MapAdministration(IEndpointRouteBuilder app, BrokerParts p)
    {
        ResourceAdmin resources = new(p.Store, p.Vault, p.Audit, p.Clock);
        RuleAdmin rules = new(p.Store, p.Rules, p.Audit, p.Configuration, p.Clock);
        app.MapGet("/admin/v1/resources", p.Access.Only(resources.ListAsync));
        app.MapPut("/admin/v1/resource/" + Name, p.Access.Only(resources.PutAsync));
        app.MapGet("/admin/v1/resource/" + Name, p.Access.Only(resources.GetAsync));
        app.MapDelete("/admin/v1/resource/" + Name, p.Access.Only(resources.DeleteAsync));
        app.MapGet("/admin/v1/rules", p.Access.Only(rules.ListAsync));
        app.MapPost("/admin/v1/rules", p.Access.Only(rules.AddAsync));
        app.MapDelete("/admin/v1/rules/{id}", p.Access.Only(rules.RemoveAsync));
        app.MapPost("/admin/v1/policies", p.Access.Only(rules.AddPolicyAsync));
        app.MapGet("/admin/v1/status", p.Access.Only(p.Status.StatusAsync));
        app.MapGet("/admin/v1/audit", p.Access.Only(p.Status.AuditAsync));
        app.MapGet("/admin/v1/audit/verify", p.Access.Only(p.Status.VerifyAsync));
        app.MapGet("/admin/", p.Access.Only(StaticPages.StatusPageAsync));
        app.MapGet("/admin/status.css", p.Access.Only(StaticPages.StyleAsync));
        app.MapGet("/admin/status.js", p.Access.Only(StaticPages.ScriptAsync));
        app.MapGet("/metrics", p.Access.Only(new PrometheusText().HandleAsync));
    }

    // What Trustee's administrators know: contents as there; Rego policies and reference values have no place beside release rules.
    private static void MapTrusteeAdministration(IEndpointRouteBuilder app, BrokerParts p)
    {
        app.MapPost(BrokerPaths.Resource + Name, p.Access.Only(new ResourceAdmin(p.Store, p.Vault, p.Audit, p.Clock).PutAsync));
        foreach (string path in (ReadOnlySpan<string>)["attestation-policy", "resource-policy", "reference-value"])
        {
            app.MapMethods($"{BrokerPaths.Base}/{path}/{{*rest}}", ["GET", "POST"], p.Access.Only((context, _) => Answers.ProblemAsync(
                context, StatusCodes.Status501NotImplemented,
                Problems.Of("release-rules", $"{path} is not used here: release rules say to whom a resource is released, with measurements and minimum TCB; see POST /admin/v1/rules, or pavise kb allow"))));
        }
    }
}
