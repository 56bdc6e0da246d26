using System.Text.Json;

namespace Pavise.Host.Runtime.Logging;

/// <summary>Errors and warnings: to standard error for people, and to the file that the caller named in the form that containerd reads.</summary>
internal sealed class RuntimeLog(string? path, string format, TimeProvider time)
{
    public void Error(string message)
    {
        Console.Error.WriteLine(message);
        Write("error", message);
    }

    public void Warn(string message)
    {
        Console.Error.WriteLine($"warning: {message}");
        Write("warning", message);
    }

    private void Write(string level, string message)
    {
        if (path is null)
        {
            return;
        }

        string now = time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
        string line = format == "json"
            ? $$"""{"level":"{{level}}","msg":"{{JsonEncodedText.Encode(message)}}","time":"{{now}}"}"""
            : $"time=\"{now}\" level={level} msg=\"{JsonEncodedText.Encode(message)}\"";
        try
        {
            File.AppendAllText(path, line + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"the log file {path} cannot be written: {e.Message}");
        }
    }
}
