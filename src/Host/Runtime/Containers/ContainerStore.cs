using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Pavise.Host.Runtime.Containers;

/// <summary>The runtime's state folder: <c>containers/ID</c> and <c>sandboxes/ID</c> (docs/design/layout.md).</summary>
internal sealed class ContainerStore(string root)
{
    /// <summary>Longest sandbox directory name: a socket address holds 107 bytes, and engines use long state folders.</summary>
    private const int SandboxNameLength = 20;

    private const int IdLength = 128;

    public string Root => root;

    public string Folder(string id) => Path.Combine(root, "containers", CheckId(id));

    /// <summary>Directory of a container's pVM: named like the container where that is short.</summary>
    public string SandboxFolder(string id) => Path.Combine(root, "sandboxes",
        CheckId(id).Length <= SandboxNameLength ? id : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)))[..SandboxNameLength]);

    /// <summary>Reserves an id.</summary>
    /// <exception cref="HostException">It is in use.</exception>
    public string Reserve(string id)
    {
        string folder = Folder(id);
        Directory.CreateDirectory(Path.Combine(root, "containers"));
        if (Directory.Exists(folder) || !Interop.NativeFiles.TryMakeDirectory(folder))
        {
            throw new HostException($"container with id {id} already exists; delete it or choose another id");
        }

        return folder;
    }

    public void Remove(string id)
    {
        string folder = Folder(id);
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    public void Write(ContainerRecord record)
    {
        string file = Path.Combine(Folder(record.Id), "state.json");
        string temporary = $"{file}.{Environment.ProcessId}";
        File.WriteAllText(temporary, JsonSerializer.Serialize(record, RuntimeJson.Default.ContainerRecord));
        File.Move(temporary, file, overwrite: true);
    }

    /// <summary>A container's record.</summary>
    /// <exception cref="HostException">There is no such container.</exception>
    public ContainerRecord Read(string id) => TryRead(id) ?? throw new HostException($"container {id} does not exist");

    public ContainerRecord? TryRead(string id)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(Folder(id), "state.json")), RuntimeJson.Default.ContainerRecord);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (JsonException e)
        {
            throw new HostException($"the state of container {id} is damaged ({e.Message}); delete it with --force", e);
        }
    }

    public IEnumerable<string> Ids()
    {
        string folder = Path.Combine(root, "containers");
        return Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal) : [];
    }

    public void WriteExit(string id, string execId, ExitRecord exit)
    {
        string folder = ProcessFolder(id, execId);
        if (Directory.Exists(folder))
        {
            File.WriteAllText(Path.Combine(folder, "exit.json"), JsonSerializer.Serialize(exit, RuntimeJson.Default.ExitRecord));
        }
    }

    public ExitRecord? ReadExit(string id)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(Path.Combine(Folder(id), "exit.json")), RuntimeJson.Default.ExitRecord);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Folder of a first process (empty exec id) or an exec.</summary>
    public string ProcessFolder(string id, string execId) => execId.Length == 0 ? Folder(id) : Path.Combine(Folder(id), "execs", execId);

    private static string CheckId(string id)
    {
        bool valid = id.Length is > 0 and <= IdLength && id is not ("." or "..") && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '+');
        return valid ? id : throw new HostException($"invalid container id '{id}': 1 to {IdLength} of letters, digits, '_', '-', '.', '+'");
    }
}
