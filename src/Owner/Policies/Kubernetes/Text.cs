using System.Text;

namespace Pavise.Owner.Policies.Kubernetes;

/// <summary>Texts within expressions of the policy language.</summary>
internal static class Text
{
    private const string Special = @"\.[](){}|?*+^$";

    /// <summary>An expression that matches exactly the text.</summary>
    public static string Escape(string text)
    {
        StringBuilder result = new();
        foreach (char c in text)
        {
            result.Append(c switch { '\n' => @"\n", '\t' => @"\t", _ when Special.Contains(c) => $"\\{c}", _ => c.ToString() });
        }

        return result.ToString();
    }
}
