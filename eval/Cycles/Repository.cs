namespace Pavise.Eval.Cycles;

/// <summary>The tree that this program was built from.</summary>
internal static class Repository
{
    public static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Pavise.slnx")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("Pavise.slnx is in no parent folder of this program");
    }
}
