namespace Pavise.Host.Shim.CommandLine;

/// <summary>The file <c>address</c> in a bundle: where its shim listens, as containerd reads it after its own restart.</summary>
internal static class AddressFile
{
    public const string Scheme = "unix://";

    private const string Name = "address";
    private const int Bytes = 4096;

    /// <summary>Writes the file in one step.</summary>
    public static void Write(string bundle, string socketPath)
    {
        string file = Path.Combine(bundle, Name), unfinished = Path.Combine(bundle, $".{Name}");
        File.WriteAllText(unfinished, Scheme + socketPath);
        File.Move(unfinished, file, overwrite: true);
    }

    /// <summary>The socket's path; null when there is no such file or it names none.</summary>
    public static string? Read(string bundle)
    {
        try
        {
            FileInfo file = new(Path.Combine(bundle, Name));
            string text = file is { Exists: true, Length: < Bytes } ? File.ReadAllText(file.FullName).Trim() : "";
            return text.StartsWith(Scheme, StringComparison.Ordinal) ? text[Scheme.Length..] : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
