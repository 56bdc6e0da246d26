namespace Pavise.Attestation.Tests;

internal static class Vectors
{
    /// <summary>The folder of recorded evidence beside the checkout, or null.</summary>
    public static string? Folder { get; } = Find();

    private static string? Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string candidate = Path.Combine(folder, "shared", "vectors");
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }
}
