using System.Security.Cryptography;
using Pavise.Attestation.Kbs;
using Pavise.Policy.Json;

namespace Pavise.Owner.Verification;

/// <summary>The report data that a key broker exchange asks for: from its runtime data, with the nonce that the verifier sent.</summary>
internal static class RuntimeData
{
    private const int MaxBytes = 64 * 1024;

    /// <summary>The expected report data in hexadecimal, null when no option gives one.</summary>
    /// <exception cref="OwnerException">The options contradict each other, or the file is malformed.</exception>
    internal static string? Choose(string? reportData, string? runtimeDataFile, string? nonce)
    {
        if (runtimeDataFile is null)
        {
            return nonce is null ? reportData : throw new OwnerException("--nonce alone says nothing of the report data", "give --runtime-data, which holds it");
        }

        if (reportData is not null)
        {
            throw new OwnerException("--report-data and --runtime-data are two ways to say the same", "give one of them");
        }

        JsonValue tree;
        byte[] canonical;
        try
        {
            tree = JsonTree.Parse(File.ReadAllBytes(runtimeDataFile), MaxBytes);
            canonical = CanonicalJson.Write(tree);
        }
        catch (JsonFormatException e)
        {
            throw new OwnerException($"{runtimeDataFile}: {e.Message}", null, e);
        }

        return nonce is null || (tree.Kind == JsonKind.Object && Holds(tree, nonce))
            ? Convert.ToHexStringLower(KbsReportData.Of(canonical, HashAlgorithmName.SHA384))
            : throw new OwnerException($"{runtimeDataFile} does not hold the nonce");
    }

    private static bool Holds(JsonValue runtime, string nonce)
    {
        foreach (KeyValuePair<string, JsonValue> member in runtime.Members)
        {
            if (member.Key == "nonce")
            {
                return member.Value.Kind == JsonKind.String && member.Value.Text == nonce;
            }
        }

        return false;
    }
}
