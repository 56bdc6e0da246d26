using System.Collections.Immutable;

namespace Pavise.Attestation.Launch;

/// <summary>QEMU's AMD processor models and their CPUID signature (leaf 1, EAX), which a vCPU has in RDX after reset (QEMU, <c>target/i386/cpu.c</c>).</summary>
public static class VcpuTypes
{
    private static readonly (string Prefix, int Family, int Model, int Stepping)[] Models =
    [
        ("EPYC-Turin", 26, 0, 0),
        ("EPYC-Genoa", 25, 17, 0),
        ("EPYC-Milan", 25, 1, 1),
        ("EPYC-Rome", 23, 49, 0),
        ("EPYC", 23, 1, 2),
    ];

    /// <summary>Names of the models; each also with <c>-v1</c> and so on.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Models.Select(m => m.Prefix).Reverse()];

    /// <summary>The signature of a model, null for an unknown one.</summary>
    public static uint? Signature(string type)
    {
        foreach ((string prefix, int family, int model, int stepping) in Models)
        {
            if (type == prefix || (type.StartsWith(prefix + "-v", StringComparison.Ordinal) && type.AsSpan(prefix.Length + 2) is { Length: 1 or 2 } version && !version.ContainsAnyExceptInRange('0', '9')))
            {
                return Signature(family, model, stepping);
            }
        }

        return null;
    }

    /// <summary>The signature of a family, model and stepping (AMD64 Architecture Programmer's Manual, volume 3, CPUID Fn0000_0001_EAX).</summary>
    public static uint Signature(int family, int model, int stepping)
    {
        int baseFamily = Math.Min(family, 0xF), extendedFamily = family - baseFamily;
        return (uint)(extendedFamily << 20 | (model >> 4 & 0xF) << 16 | baseFamily << 8 | (model & 0xF) << 4 | (stepping & 0xF));
    }
}
