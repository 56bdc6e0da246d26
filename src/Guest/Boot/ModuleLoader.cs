using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Boot;

/// <summary>Loads kernel modules by group, each group once. The groups are in the measured initrd: <c>/modules/groups</c>.</summary>
internal sealed class ModuleLoader
{
    private readonly string folder;
    private readonly Action<string, string> insert;
    private readonly Dictionary<string, string[]> groups = [];
    private readonly Dictionary<string, Task> loaded = [];
    private readonly Lock gate = new();

    /// <summary>Reads the groups.</summary>
    /// <param name="folder">The folder of modules.</param>
    /// <param name="insert">Loads one module: path, name. Null: into the kernel.</param>
    public ModuleLoader(string folder, Action<string, string>? insert = null)
    {
        this.folder = folder;
        this.insert = insert ?? IntoKernel;
        foreach (string line in File.ReadAllLines(Path.Combine(folder, "groups")))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                groups[line[..colon]] = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            }
        }
    }

    /// <summary>Loads one group in the calling thread.</summary>
    public void Load(string group)
    {
        foreach (string name in groups.GetValueOrDefault(group) ?? [])
        {
            insert(Path.Combine(folder, $"{name}.ko"), name);
        }
    }

    private static void IntoKernel(string path, string name)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        LinuxSystem.LoadModule(file, name);
    }

    /// <summary>Loads groups, each in a task of its own; asking again returns the same task.</summary>
    public Task LoadAsync(params ReadOnlySpan<string> names)
    {
        List<Task> tasks = [];
        lock (gate)
        {
            foreach (string group in names)
            {
                if (!loaded.TryGetValue(group, out Task? task))
                {
                    task = Task.Run(() => Load(group));
                    loaded.Add(group, task);
                }

                tasks.Add(task);
            }
        }

        return Task.WhenAll(tasks);
    }
}
