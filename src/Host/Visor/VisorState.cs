using System.Text.Json;

namespace Pavise.Host.Visor;

/// <summary>What <c>visor.json</c> says: who owns the sandbox, and, after an end nobody asked for, why.</summary>
internal sealed record VisorState(int Pid, string StartTime, string Machine, bool Shielded, int VmmPid, string? Failure)
{
    private const int Bytes = 16 * 1024;

    public static VisorState? Read(string directory)
    {
        try
        {
            string path = Path.Combine(directory, SandboxFiles.VisorState);
            if (new FileInfo(path) is { Exists: true, Length: > Bytes })
            {
                return null;
            }

            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 4 });
            JsonElement s = document.RootElement;
            return new VisorState(
                s.GetProperty("pid").GetInt32(),
                s.GetProperty("startTime").GetString() ?? "",
                s.GetProperty("machine").GetString() ?? "",
                s.GetProperty("shielded").GetBoolean(),
                s.GetProperty("vmmPid").GetInt32(),
                s.TryGetProperty("failure", out JsonElement failure) ? failure.GetString() : null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Writes the file in one step: a reader sees the old or the new one.</summary>
    public void Write(string directory)
    {
        string path = Path.Combine(directory, SandboxFiles.VisorState);
        using (FileStream file = new(path + ".new", new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite }))
        using (Utf8JsonWriter writer = new(file))
        {
            writer.WriteStartObject();
            writer.WriteNumber("pid", Pid);
            writer.WriteString("startTime", StartTime);
            writer.WriteString("machine", Machine);
            writer.WriteBoolean("shielded", Shielded);
            writer.WriteNumber("vmmPid", VmmPid);
            if (Failure is not null)
            {
                writer.WriteString("failure", Failure);
            }

            writer.WriteEndObject();
        }

        File.Move(path + ".new", path, overwrite: true);
    }
}
