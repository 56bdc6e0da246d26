using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Guests;
using Pavise.KeyBroker.Http;
using Pavise.KeyBroker.Rules;
using Pavise.KeyBroker.Store;
using Pavise.Policy.Model;
using Pavise.Session;
using Pavise.Session.Admin;
using Pavise.Session.Jose;

namespace Pavise.KeyBroker.Admin;

/// <summary>Release rules, and the policies that owners signed.</summary>
internal sealed class RuleAdmin(IBrokerStore store, RuleBook rules, AuditLog audit, BrokerConfiguration configuration, TimeProvider clock)
{
    /// <summary>Rules at once: each release looks through all.</summary>
    private const int Most = 10_000;

    public async Task AddAsync(HttpContext context, Administrator administrator)
    {
        ReleaseRule rule = ReleaseRule.Parse(await Requests.BodyAsync(context, SessionLimits.RequestBytes));
        if (rule.Policy.IsSigned && configuration.Administrators.All(a => a.Name != rule.Policy.Owner))
        {
            throw new SessionFormatException($"{rule.Policy.Owner} is none of this broker's administrators, whose signatures count");
        }

        string text = Encoding.UTF8.GetString(rule.Write());
        (long id, string? entry) = await store.ChangeAsync(change =>
        {
            if (change.Rules().Count >= Most)
            {
                return (0, null);
            }

            long added = change.AddRule(rule.Resource, text, clock.GetUtcNow().ToUnixTimeMilliseconds());
            return (added, (string?)audit.Append(change, "allowed", json =>
            {
                json.WriteString("by", administrator.Name);
                json.WriteNumber("rule", added);
                json.WritePropertyName("is");
                json.WriteRawValue(text);
            }));
        });
        if (entry is null)
        {
            throw new SessionFormatException($"there are {Most} rules; revoke some");
        }

        rules.Reload();
        audit.Announce(entry);
        await Answers.JsonAsync(context, Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""{"rule":{{id}}}""")));
    }

    public async Task RemoveAsync(HttpContext context, Administrator administrator)
    {
        long id = long.TryParse(context.Request.RouteValues["id"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
        string? entry = await store.ChangeAsync(change => !change.RemoveRule(id) ? null : audit.Append(change, "revoked", json =>
        {
            json.WriteString("by", administrator.Name);
            json.WriteNumber("rule", id);
        }));
        rules.Reload();
        if (entry is null)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status404NotFound, Problems.Of("not-found", "there is no such rule"));
            return;
        }

        audit.Announce(entry);
        await Answers.JsonAsync(context, "{}"u8.ToArray());
    }

    public Task ListAsync(HttpContext context, Administrator administrator) => Answers.JsonAsync(context, SessionJson.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("rules");
        foreach (NumberedRule rule in rules.All)
        {
            json.WriteStartObject();
            json.WriteNumber("id", rule.Id);
            json.WritePropertyName("rule");
            json.WriteRawValue(rule.Rule.Write(), skipInputValidation: true);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }));

    /// <summary>Takes a signed policy: <c>{"document":base64 of the canonical bytes,"signature":text}</c>.</summary>
    public async Task AddPolicyAsync(HttpContext context, Administrator administrator)
    {
        (byte[] document, string signature) = SessionJson.Read(
            await Requests.BodyAsync(context, 2 * SessionLimits.InitDataBytes), 2 * SessionLimits.InitDataBytes, "a signed policy",
            root => (root.GetProperty("document").GetBytesFromBase64(), root.Text("signature", 4096)));
        PolicyDocument policy;
        try
        {
            policy = PolicyDocument.ParseCanonical(document);
        }
        catch (PolicyFormatException e)
        {
            throw new SessionFormatException(e.Message);
        }

        Administrator owner = Verify(document, signature);
        StoredPolicy stored = new(Convert.ToHexStringLower(SHA256.HashData(document)), owner.Name, policy.Name, policy.Version, document, signature);
        string? entry = await store.ChangeAsync(change =>
        {
            // One document per name and version: otherwise "version at least N" would mean two things.
            if (change.Policies().Any(p => p.Owner == stored.Owner && p.Name == stored.Name && p.Version == stored.Version && p.Sha256 != stored.Sha256))
            {
                return null;
            }

            change.PutPolicy(stored);
            return audit.Append(change, "policy-signed", json =>
            {
                json.WriteString("by", administrator.Name);
                json.WriteString("owner", owner.Name);
                json.WriteString("policy", $"{policy.Name}@{policy.Version}");
                json.WriteString("sha256", stored.Sha256);
            });
        });
        if (entry is null)
        {
            throw new SessionFormatException($"{owner.Name} signed another document as {policy.Name} version {policy.Version} before: raise the version");
        }

        rules.Reload();
        audit.Announce(entry);
        await Answers.JsonAsync(context, Encoding.ASCII.GetBytes($$"""{"sha256":"{{stored.Sha256}}"}"""));
    }

    private Administrator Verify(byte[] document, string signature)
    {
        List<(Administrator Who, ECDsa Key)> keys = [];
        try
        {
            foreach (Administrator who in configuration.Administrators)
            {
                ECDsa key = ECDsa.Create();
                key.ImportSubjectPublicKeyInfo(who.Spki, out _);
                keys.Add((who, key));
            }

            JwtKey[] named = [.. keys.Select(k => JwtKey.Of(k.Key))];
            DetachedSignature.Verify(signature, document, named, DetachedSignature.PolicyType);
            string id = DetachedSignature.KeyId(signature);
            return keys[Array.FindIndex(named, n => n.Id == id)].Who;
        }
        finally
        {
            keys.ForEach(k => k.Key.Dispose());
        }
    }
}
