using System.Collections.Immutable;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>owners</c>.</summary>
internal static class OwnerParser
{
    private static readonly string[] Verbs = ["exec", "attach", "logs", "copy", "forward", "ps", "stats", "audit", "seal"];

    // SubjectPublicKeyInfo of an uncompressed point (RFC 5480): everything before the point is fixed per curve.
    private static readonly byte[] P256 = Convert.FromHexString("3059301306072A8648CE3D020106082A8648CE3D03010703420004");
    private static readonly byte[] P384 = Convert.FromHexString("3076301006072A8648CE3D020106052B8104002203620004");

    public static ImmutableArray<OwnerEntry> Parse(Section root)
    {
        List<OwnerEntry> owners = [];
        foreach (Section s in root.Children("owners"))
        {
            string name = Values.Name(root.Problems, s.Text("name"), s.PathOf("name"));
            if (owners.Any(o => o.Name == name))
            {
                root.Problems.Add(s.PathOf("name"), $"another owner has the name {Values.Shown(name)}");
            }

            ImmutableArray<string> may = [.. s.List("may").Select(v => Values.Word(root.Problems, v.Value, v.Path, Verbs)).Distinct()];
            owners.Add(new(name, Key(s, "signKey"), Key(s, "sealKey"), may));
            s.Close();
        }

        return [.. owners];
    }

    private static string Key(Section s, string key)
    {
        string text = s.Text(key, 1024);
        byte[] der = new byte[text.Length];
        bool good = Convert.TryFromBase64String(text, der, out int length)
            && ((length == P256.Length + 64 && der.AsSpan().StartsWith(P256)) || (length == P384.Length + 96 && der.AsSpan().StartsWith(P384)));
        if (!good && s.Present)
        {
            s.Problems.Add(s.PathOf(key), "must be the SubjectPublicKeyInfo of a P-256 or P-384 key, DER in base64");
        }

        return text;
    }
}
