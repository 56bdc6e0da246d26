using System.Collections.Immutable;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>attestation</c>.</summary>
internal static class AttestationParser
{
    public static AttestationEntry Parse(Section root)
    {
        Section s = root.Child("attestation");
        Section broker = s.Child("keyBroker");
        string url = "", key = "";
        if (broker.Present)
        {
            url = broker.Text("url", 2048);
            if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme != "https" || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0 || uri.Query.Length > 0 || uri.AbsolutePath != "/")
            {
                root.Problems.Add(broker.PathOf("url"), "must be https://host:port, without user, path, query and fragment");
            }

            key = Values.Digest(root.Problems, broker.Text("key"), broker.PathOf("key"), "spki-sha256:");
            broker.Close();
        }

        ImmutableArray<string> tees = [.. s.List("tees").Select(v => Values.Word(root.Problems, v.Value, v.Path, ["snp", "tdx", "sim"])).Distinct()];
        InstancesEntry? instances = Instances(s);
        if (instances is not null && url.Length == 0)
        {
            root.Problems.Add(s.PathOf("instances"), "are counted by a key broker: name it under attestation.keyBroker");
        }

        s.Close();
        return new(url, key, tees) { Instances = instances };
    }

    private static InstancesEntry? Instances(Section attestation)
    {
        Section s = attestation.Child("instances");
        if (!s.Present)
        {
            return null;
        }

        s.Required("most");
        string lease = s.Text("lease");
        Resources.Check(s.Problems, lease, s.PathOf("lease"));
        InstancesEntry entry = new((int)s.Integer("most", 1, PolicyLimits.Instances, 1), lease, (int)s.Integer("seconds", PolicyLimits.LeaseLeastSeconds, PolicyLimits.LeaseMostSeconds, PolicyLimits.LeaseSeconds));
        s.Close();
        return entry;
    }
}
