using System.Collections.Immutable;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>secrets</c>.</summary>
internal static class SecretParser
{
    internal const uint DefaultMode = 0x100; // 0400

    public static ImmutableArray<SecretEntry> Parse(Section root, ImmutableArray<ContainerEntry> containers)
    {
        ImmutableArray<SecretEntry>.Builder secrets = ImmutableArray.CreateBuilder<SecretEntry>();
        foreach (Section s in root.Children("secrets"))
        {
            string resource = s.Text("resource");
            Resources.Check(root.Problems, resource, s.PathOf("resource"));
            s.Required("to");
            Section to = s.Child("to");
            string name = to.Text("container");
            ContainerEntry? container = containers.FirstOrDefault(c => c.Name == name);
            if (container is null && to.Present)
            {
                root.Problems.Add(to.PathOf("container"), $"there is no container {Values.Shown(name)}{Suggestion.For(name, containers.Select(c => c.Name))}");
            }

            string file = to.OptionalText("file") is { } f ? Values.AbsolutePath(root.Problems, f, to.PathOf("file")) : "";
            string variable = to.OptionalText("env") ?? "";
            if (to.Present && file.Length > 0 == variable.Length > 0)
            {
                root.Problems.Add(to.Path, "a secret goes into either a \"file\" or a variable \"env\"");
            }

            uint mode = to.OptionalText("mode") is { } m ? Values.Mode(root.Problems, m, to.PathOf("mode")) : DefaultMode;
            uint uid = (uint)to.Integer("uid", 0, uint.MaxValue - 1, container?.Process.Uid ?? 0);
            uint gid = (uint)to.Integer("gid", 0, uint.MaxValue - 1, container?.Process.Gid ?? 0);
            Place(root.Problems, to, container, secrets, file, variable);
            secrets.Add(new(container?.Index ?? 0, new(resource, file, variable, mode, uid, gid)));
            to.Close();
            s.Close();
        }

        return secrets.ToImmutable();
    }

    /// <summary>Two values for one place would leave it to chance which one counts.</summary>
    private static void Place(Problems problems, Section to, ContainerEntry? container, IEnumerable<SecretEntry> before, string file, string variable)
    {
        if (container is null)
        {
            return;
        }

        bool Taken(Func<SecretEntry, bool> same) => before.Any(s => s.Container == container.Index && same(s));
        if (file.Length > 0 && (container.Mounts.Any(m => m.Path == file) || Taken(s => s.Plan.File == file)))
        {
            problems.Add(to.PathOf("file"), $"something is mounted at {Values.Shown(file)} already");
        }

        if (variable.Length > 0 && (container.Process.Env.Any(e => e.Name == variable) || Taken(s => s.Plan.Variable == variable)))
        {
            problems.Add(to.PathOf("env"), $"the variable {Values.Shown(variable)} has a value already");
        }

        if (variable.Length > 0 && !EnvParser.IsName(variable))
        {
            problems.Add(to.PathOf("env"), "is no variable: a name has no \"=\", no blank and at most 256 characters");
        }
    }
}
