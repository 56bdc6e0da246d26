using System.Text.Json.Nodes;
using Pavise.Workloads;

namespace Pavise.Cri.Node;

/// <summary>A sandbox image as small as it can be here: one static program that sleeps.</summary>
public static class PauseImage
{
    /// <summary>Makes the OCI image layout below <paramref name="folder"/>, once.</summary>
    /// <param name="folder">Kept between runs.</param>
    /// <param name="busyboxRoot">Root folder of <see cref="BusyboxImage"/>.</param>
    /// <returns>The layout's folder.</returns>
    public static string Build(string folder, string busyboxRoot)
    {
        string root = Path.Combine(folder, "root"), layout = Path.Combine(folder, "oci"), done = Path.Combine(folder, "done");
        if (!File.Exists(done))
        {
            foreach (string old in new[] { root, layout }.Where(Directory.Exists))
            {
                Directory.Delete(old, recursive: true);
            }

            Directory.CreateDirectory(root);
            File.Copy(Path.Combine(busyboxRoot, "bin/busybox"), Path.Combine(root, "sleep"));
            OciImage.Write(root, layout, "1", new JsonObject { ["Entrypoint"] = new JsonArray("/sleep", "1000000000") });
            File.WriteAllText(done, "");
        }

        return layout;
    }
}
