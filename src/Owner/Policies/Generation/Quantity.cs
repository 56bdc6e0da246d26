using System.Globalization;
using Pavise.Owner.Policies.Drafts;
using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>Kubernetes' quantities: a decimal number with m, k, M, G, T, P, E, Ki to Ei, or an exponent.</summary>
internal static class Quantity
{
    private static readonly (string Suffix, decimal Factor)[] Units =
    [
        ("Ki", 1024m), ("Mi", 1048576m), ("Gi", 1073741824m), ("Ti", 1099511627776m), ("Pi", 1125899906842624m), ("Ei", 1152921504606846976m),
        ("n", 0.000000001m), ("u", 0.000001m), ("m", 0.001m), ("k", 1000m), ("M", 1000000m), ("G", 1000000000m), ("T", 1000000000000m), ("P", 1000000000000000m), ("E", 1000000000000000000m),
    ];

    /// <exception cref="OwnerException">Not a quantity from 0 to 1 PiB.</exception>
    public static decimal Of(YamlNode node)
    {
        string text = node.Text();
        (string suffix, decimal factor) = Units.FirstOrDefault(u => text.EndsWith(u.Suffix, StringComparison.Ordinal));
        string digits = suffix is null ? text : text[..^suffix.Length];
        try
        {
            if (decimal.TryParse(digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out decimal number))
            {
                decimal value = number * (suffix is null ? 1 : factor);
                if (value is >= 0 and <= 1125899906842624m)
                {
                    return value;
                }
            }
        }
        catch (OverflowException)
        {
        }

        throw node.Wrong($"'{text}' is no quantity such as 128Mi or 0.5");
    }

    /// <summary>A size as policies write it: whole Mi where it is at least one, rounded up.</summary>
    public static string Size(decimal bytes)
    {
        const decimal mebi = 1048576m, gibi = 1073741824m;
        return bytes <= 0 ? "1Mi"
            : bytes % gibi == 0 ? $"{FlowText.Number((long)(bytes / gibi))}Gi"
            : bytes >= mebi ? $"{FlowText.Number((long)Math.Ceiling(bytes / mebi))}Mi"
            : FlowText.Number((long)Math.Ceiling(bytes));
    }

    /// <summary>CPUs as policies write them, in steps of 0.001, rounded up.</summary>
    public static string Cpus(decimal cpus) => (Math.Ceiling(Math.Max(cpus, 0.001m) * 1000) / 1000).ToString("0.###", CultureInfo.InvariantCulture);
}
