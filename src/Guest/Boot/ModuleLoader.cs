using Microsoft.Win32.SafeHandles;
using Pavise.Guest.Interop;

namespace Pavise.Guest.Boot;

/// <summary>Loads kernel modules by group, each group once. The groups are in the measured initrd: <c>/modules/groups</c>.</summary>
internal sealed class ModuleLoader
{
    private readonly string folder;
    private readonly Dictionary<string, string[]> groups = [];
    private readonly Dictionary<string, Task> loaded = [];
    private readonly Lock gate = new();

    public ModuleLoader(string folder)
    {
        this.folder = folder;
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
            string path = Path.Combine(folder, $"{name}.ko");
            using SafeFileHandle file = File.OpenHandle(path);
            LinuxSystem.LoadModule(file, name);
        }
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
