using System.Text;
using Pavise.Owner.Keys;
using Pavise.Session;
using Pavise.Session.Client;

namespace Pavise.Owner.Broker;

/// <summary>Which broker this owner administers: <c>broker.json</c> in the owner's folder.</summary>
/// <param name="Url">Where guests reach it, for policies.</param>
/// <param name="AdminUrl">Where administrators reach it.</param>
/// <param name="Pin">Its key.</param>
internal sealed record BrokerProfile(string Url, string AdminUrl, string Pin)
{
    private const string Schema = "pavise.broker/v1";

    public BrokerEndpoint Admin => BrokerEndpoint.Parse(AdminUrl, Pin);

    public static BrokerProfile Read(OwnerHome home)
    {
        if (!File.Exists(home.Broker))
        {
            throw new OwnerException($"no key broker is known in {home.Folder}", "make one with: pavise kb init, or name one with --broker URL --pin KEY");
        }

        try
        {
            return SessionJson.Read(File.ReadAllBytes(home.Broker), 64 * 1024, home.Broker, root => root.Text("schema", 64) == Schema
                ? new BrokerProfile(root.Text("url", 2048), root.Text("admin", 2048), root.Text("pin", 128))
                : throw new SessionFormatException($"schema must be {Schema}"));
        }
        catch (SessionFormatException e)
        {
            throw new OwnerException($"{home.Broker}: {e.Message}", null, e);
        }
    }

    public void Write(OwnerHome home)
    {
        OwnerHome.CreatePrivateFolder(home.Folder);
        OwnerHome.WritePrivate(home.Broker, Encoding.UTF8.GetString(SessionJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteString("url", Url);
            json.WriteString("admin", AdminUrl);
            json.WriteString("pin", Pin);
            json.WriteEndObject();
        })) + "\n");
    }
}
