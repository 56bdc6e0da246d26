using System.Text;

namespace Pavise.Owner.Policies.Kubernetes;

/// <summary>Every workload, ConfigMap and Secret of some files; other kinds of objects make no pods and are passed over.</summary>
internal sealed class Manifest
{
    /// <summary>Bytes of one file: etcd keeps no object above 1.5 MiB, a chart's output holds many.</summary>
    private const int MostBytes = 32 * 1024 * 1024;

    private const int ListDepth = 4;

    private readonly Dictionary<string, ConfigObject> configMaps = new(StringComparer.Ordinal), secrets = new(StringComparer.Ordinal);

    public List<Workload> Workloads { get; } = [];

    public IReadOnlyDictionary<string, ConfigObject> ConfigMaps => configMaps;

    public IReadOnlyDictionary<string, ConfigObject> Secrets => secrets;

    /// <exception cref="OwnerException">A file is missing or malformed.</exception>
    public static Manifest Read(IEnumerable<string> files)
    {
        Manifest manifest = new();
        foreach (string file in files)
        {
            manifest.Add(file, Load(file));
        }

        return manifest;
    }

    /// <summary>The same from a text.</summary>
    public static Manifest Parse(string file, string text)
    {
        Manifest manifest = new();
        manifest.Add(file, text);
        return manifest;
    }

    private void Add(string file, string text)
    {
        foreach (YamlNode document in YamlStream.Read(file, text))
        {
            Add(document, ListDepth);
        }
    }

    /// <summary>The whole text of a file; <c>-</c> is standard input.</summary>
    public static string Load(string file)
    {
        if (file == "-")
        {
            return Console.In.ReadToEnd();
        }

        FileInfo info = new(file);
        return !info.Exists ? throw new OwnerException($"{file} does not exist")
            : info.Length > MostBytes ? throw new OwnerException($"{file} has {info.Length} bytes, at most {MostBytes} are read")
            : File.ReadAllText(file);
    }

    /// <summary>The workload that is meant.</summary>
    /// <param name="wanted">KIND/NAME or NAME, or null for the only one.</param>
    public Workload Choose(string? wanted)
    {
        Workload[] fitting = [.. Workloads.Where(w => wanted is null || string.Equals(w.Id, wanted, StringComparison.OrdinalIgnoreCase) || w.Name == wanted)];
        string there = string.Join(", ", Workloads.Select(w => w.Id));
        return fitting.Length == 1 ? fitting[0]
            : Workloads.Count == 0 ? throw new OwnerException("no Pod, Deployment, StatefulSet, DaemonSet, ReplicaSet, Job or CronJob is in these files")
            : throw new OwnerException(fitting.Length == 0 ? $"no workload is named {wanted}; there are: {there}" : $"several workloads are in these files: {there}", "choose one: --workload KIND/NAME");
    }

    private void Add(YamlNode document, int depth)
    {
        if (document.Kind != YamlKind.Mapping)
        {
            throw document.Wrong("a Kubernetes document is a map with apiVersion and kind");
        }

        string kind = document.Text("kind") ?? throw document.Wrong("\"kind\" is missing: this is no Kubernetes document");
        if (kind.EndsWith("List", StringComparison.Ordinal) && document.Find("items") is not null)
        {
            foreach (YamlNode item in depth > 0 ? document.List("items") : throw document.Wrong("lists are nested too deep"))
            {
                Add(item, depth - 1);
            }

            return;
        }

        switch (kind)
        {
            case "ConfigMap":
                AddObject(configMaps, document, "data", "binaryData");
                break;
            case "Secret":
                AddObject(secrets, document, "stringData", "data");
                break;
            case "Pod":
                Workloads.Add(Of(kind, document, document));
                break;
            case "Deployment" or "StatefulSet" or "DaemonSet" or "ReplicaSet" or "ReplicationController" or "Job":
                Workloads.Add(Of(kind, document, document.At("spec.template") ?? throw document.Wrong($"the {kind} has no spec.template")));
                break;
            case "CronJob":
                Workloads.Add(Of(kind, document, document.At("spec.jobTemplate.spec.template") ?? throw document.Wrong("the CronJob has no spec.jobTemplate.spec.template")));
                break;
            default:
                break;
        }
    }

    private static Workload Of(string kind, YamlNode document, YamlNode template)
    {
        YamlNode metadata = document.Required("metadata");
        string name = metadata.Text("name") ?? metadata.Text("generateName")?.TrimEnd('-') ?? throw metadata.Wrong("\"name\" is missing");
        Workload workload = new(kind, name, metadata.Text("namespace"), document, template);
        return workload.Containers.Count > 0 ? workload : throw workload.Spec.Wrong("the pod has no containers");
    }

    private static void AddObject(Dictionary<string, ConfigObject> to, YamlNode document, string texts, string binaries)
    {
        string name = document.Required("metadata").RequiredText("name");
        SortedDictionary<string, byte[]> data = new(StringComparer.Ordinal);
        foreach ((string key, YamlNode value) in document.Map(binaries))
        {
            try
            {
                data[key] = Convert.FromBase64String(value.Text());
            }
            catch (FormatException)
            {
                throw value.Wrong($"{binaries}.{key} is not base64", "stringData takes plain text");
            }
        }

        foreach ((string key, YamlNode value) in document.Map(texts))
        {
            data[key] = Encoding.UTF8.GetBytes(value.Text());
        }

        to[name] = new(name, data, document);
    }
}

/// <summary>A ConfigMap or Secret that was given beside.</summary>
/// <param name="Name">metadata.name.</param>
/// <param name="Data">Key to content.</param>
/// <param name="Node">The document.</param>
internal sealed record ConfigObject(string Name, SortedDictionary<string, byte[]> Data, YamlNode Node)
{
    /// <summary>Digest of a content as policies write it.</summary>
    public static string Digest(byte[] content) => $"sha256:{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))}";
}
