using System.Globalization;
using System.Text;
using Pavise.Owner.Keys;
using Pavise.Session;
using Pavise.Session.Admin;

namespace Pavise.Owner.Commands.Kb;

/// <summary>The ends of audits that were seen, by the broker's key: <c>audit-ends.json</c>, so that a database that was put back to an older state shows.</summary>
internal static class AuditEnds
{
    public static Dictionary<string, (long Sequence, string Hash)> Read(OwnerHome home)
    {
        if (!File.Exists(home.AuditEnds))
        {
            return new(StringComparer.Ordinal);
        }

        try
        {
            return SessionJson.Read(File.ReadAllBytes(home.AuditEnds), 1024 * 1024, home.AuditEnds, root => root.EnumerateObject().ToDictionary(m => m.Name, m => End(m.Value.GetString() ?? ""), StringComparer.Ordinal));
        }
        catch (SessionFormatException e)
        {
            throw new OwnerException($"{home.AuditEnds}: {e.Message}", null, e);
        }
    }

    public static void Write(OwnerHome home, string broker, AuditRecord end)
    {
        Dictionary<string, (long Sequence, string Hash)> all = Read(home);
        all[broker] = (end.Sequence, Convert.ToHexStringLower(end.Hash));
        OwnerHome.WritePrivate(home.AuditEnds, Encoding.UTF8.GetString(SessionJson.Write(json =>
        {
            json.WriteStartObject();
            foreach ((string key, (long sequence, string hash)) in all)
            {
                json.WriteString(key, string.Create(CultureInfo.InvariantCulture, $"{sequence}:{hash}"));
            }

            json.WriteEndObject();
        })) + "\n");
    }

    private static (long, string) End(string text)
    {
        string[] parts = text.Split(':');
        return parts.Length == 2 && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out long sequence)
            ? (sequence, parts[1])
            : throw new SessionFormatException("an end is SEQUENCE:HASH");
    }
}
