using System.Collections.Immutable;
using Pavise.Policy.Model.Reading;

namespace Pavise.Policy.Model.Parsing;

/// <summary>Reads <c>secrets</c>.</summary>
internal static class SecretParser
{
    private const uint DefaultMode = 0x100; // 0400

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
            secrets.Add(new(resource, container?.Index ?? 0, file, variable, mode, uid, gid));
            to.Close();
            s.Close();
        }

        return secrets.ToImmutable();
    }
}
