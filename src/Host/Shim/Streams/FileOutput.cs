namespace Pavise.Host.Shim.Streams;

/// <summary>A file that output is appended to (<c>file://</c>, or a path that is no fifo).</summary>
internal sealed class FileOutput : IOutput
{
    private readonly FileStream file;
    private bool failed;

    /// <summary>Opens the file, making it and its folder where they do not exist.</summary>
    public FileOutput(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
    }

    public async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (!failed)
            {
                await file.WriteAsync(bytes);
            }
        }
        catch (IOException)
        {
            // A full disk must not stop the process.
            failed = true;
        }
    }

    public void Complete() => file.Dispose();

    public void Dispose() => file.Dispose();
}
