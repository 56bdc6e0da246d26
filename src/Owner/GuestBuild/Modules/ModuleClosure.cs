using System.Text;

namespace Pavise.Owner.GuestBuild.Modules;

/// <summary>Groups with their dependencies, in an order in which the kernel accepts them.</summary>
internal sealed record ModuleClosure(IReadOnlyList<KernelModule> Modules, string GroupsFile)
{
    /// <summary>Reads the modules of all groups. What is compiled into the kernel (so it is in `modules.builtin`) needs no loading and is left out.</summary>
    /// <exception cref="OwnerException">A module is missing or malformed, or modules need each other in a circle.</exception>
    internal static async Task<ModuleClosure> OfAsync(ModuleFolder folder, IReadOnlyList<ModuleGroup> groups, IReadOnlySet<string> builtIn, CancellationToken cancel)
    {
        SortedDictionary<string, KernelModule> all = new(StringComparer.Ordinal);
        List<string> first = [];
        StringBuilder lines = new();
        foreach (ModuleGroup group in groups)
        {
            List<string> order = [.. group.Name == ModuleGroups.First ? [] : first];
            int skip = order.Count;
            foreach (string name in group.Modules.Where(m => !group.Optional || folder.Has(m)))
            {
                await VisitAsync(name, []);
            }

            if (group.Name == ModuleGroups.First)
            {
                first = order;
            }

            lines.Append(group.Name).Append(':');
            lines.AppendJoin("", order.Skip(skip).Select(n => $" {n}")).Append('\n');

            async Task VisitAsync(string name, HashSet<string> path)
            {
                string key = ModuleFolder.Key(name);
                if (order.Any(o => ModuleFolder.Key(o) == key) || (builtIn.Contains(key) && !folder.Has(name)))
                {
                    return;
                }

                if (!path.Add(key))
                {
                    throw new OwnerException($"the kernel's modules need each other in a circle: {string.Join(", ", path)}");
                }

                KernelModule module = await folder.ReadAsync(name, cancel);
                foreach (string needed in module.Info.Depends.OrderBy(ModuleFolder.Key, StringComparer.Ordinal))
                {
                    await VisitAsync(needed, path);
                }

                path.Remove(key);
                order.Add(module.Name);
                all[module.Name] = module;
            }
        }

        return new([.. all.Values], lines.ToString());
    }
}
