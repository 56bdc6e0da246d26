using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Guests;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Sealing;
using Pavise.KeyBroker.Store;
using Pavise.Session;

namespace Pavise.KeyBroker.Admin;

/// <summary>Resources: put, get, delete, list. The body of a put is the content itself.</summary>
internal sealed class ResourceAdmin(IBrokerStore store, Vault vault, AuditLog audit, TimeProvider clock)
{
    public async Task PutAsync(HttpContext context, Administrator administrator)
    {
        ResourceUri resource = Requests.Resource(context);
        byte[] content = await Requests.BodyAsync(context, SessionLimits.ResourceBytes);
        (long version, string entry) = await store.ChangeAsync(change =>
        {
            // A version is never given twice, so that old bytes put back into the database do not open.
            long next = change.NextFencing("resource " + resource.Path);
            byte[] sealedContent = vault.Seal(ResourcePurpose.Of(resource.Path, next), content);
            change.PutResource(new(resource.Path, sealedContent, next, content.Length, clock.GetUtcNow().ToUnixTimeMilliseconds()));
            return (next, audit.Append(change, "put", json =>
            {
                json.WriteString("by", administrator.Name);
                json.WriteString("resource", resource.Path);
                json.WriteNumber("version", next);
                json.WriteNumber("bytes", content.Length);
            }));
        });
        audit.Announce(entry);
        await Answers.JsonAsync(context, SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("resource", resource.Path);
            json.WriteNumber("version", version);
            json.WriteEndObject();
        }));
    }

    public async Task GetAsync(HttpContext context, Administrator administrator)
    {
        ResourceUri resource = Requests.Resource(context);
        if (store.Read(view => view.Resource(resource.Path)) is not { } stored)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status404NotFound, Problems.NotFound);
            return;
        }

        await audit.WriteAsync("read", json =>
        {
            json.WriteString("by", administrator.Name);
            json.WriteString("resource", resource.Path);
        });
        await Answers.SendAsync(context, StatusCodes.Status200OK, "application/octet-stream", vault.Open(ResourcePurpose.Of(stored.Path, stored.Version), stored.Sealed));
    }

    public async Task DeleteAsync(HttpContext context, Administrator administrator)
    {
        ResourceUri resource = Requests.Resource(context);
        string? entry = await store.ChangeAsync(change => !change.DeleteResource(resource.Path) ? null : audit.Append(change, "deleted", json =>
        {
            json.WriteString("by", administrator.Name);
            json.WriteString("resource", resource.Path);
        }));
        if (entry is null)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status404NotFound, Problems.NotFound);
            return;
        }

        audit.Announce(entry);
        await Answers.JsonAsync(context, "{}"u8.ToArray());
    }

    public Task ListAsync(HttpContext context, Administrator administrator)
    {
        IReadOnlyList<ResourceInfo> all = store.Read(view => view.Resources());
        return Answers.JsonAsync(context, SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("resources");
            foreach (ResourceInfo resource in all)
            {
                json.WriteStartObject();
                json.WriteString("resource", resource.Path);
                json.WriteNumber("version", resource.Version);
                json.WriteNumber("bytes", resource.Bytes);
                json.WriteNumber("updated", resource.UpdatedMs);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }));
    }
}
