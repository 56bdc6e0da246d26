using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>One file of a volume: pinned by digest, a secret of the key broker, or a declared hole.</summary>
/// <param name="Path">Below the volume.</param>
/// <param name="Digest"><c>sha256:…</c>, or null.</param>
/// <param name="Secret">Key broker resource, or null.</param>
/// <param name="Comment">Where it comes from.</param>
internal sealed record VolumeFile(string Path, string? Digest, string? Secret, string Comment);

/// <summary>Files of ConfigMap, Secret, downward API and projected volumes.</summary>
internal sealed class VolumeFiles(PodContext context)
{
    public IReadOnlyList<VolumeFile> Of(YamlNode volume)
    {
        List<VolumeFile> files = [];
        if (volume.Find("configMap") is { } configMap)
        {
            Object(files, configMap, configMap.RequiredText("name"), secret: false);
        }

        if (volume.Find("secret") is { } secret)
        {
            Object(files, secret, secret.Text("secretName") ?? secret.RequiredText("name"), secret: true);
        }

        if (volume.Find("downwardAPI") is { } downward)
        {
            foreach (YamlNode item in downward.List("items"))
            {
                files.Add(new(item.RequiredText("path"), null, null, "downward API: the host's word"));
            }
        }

        if (volume.Find("serviceAccountToken") is { } token)
        {
            context.Remarks.Warn("service-account-token", token, $"the cluster's token {token.Text("path")} is not given to the application: the host could make one at any time");
        }

        foreach (YamlNode source in volume.Find("projected")?.List("sources") ?? [])
        {
            files.AddRange(Of(source));
        }

        return files;
    }

    private void Object(List<VolumeFile> files, YamlNode node, string name, bool secret)
    {
        string what = secret ? "Secret" : "ConfigMap";
        ConfigObject? found = (secret ? context.Manifest.Secrets : context.Manifest.ConfigMaps).GetValueOrDefault(name);
        IReadOnlyList<(string Key, string Path)> items = [.. node.List("items").Select(i => (i.RequiredText("key"), i.RequiredText("path")))];
        bool broker = secret && (found is null || context.Options.Secrets == "broker") && context.Options.Secrets != "host";
        if (found is null && !(broker && items.Count > 0))
        {
            if (node.Flag("optional") == true)
            {
                context.Remarks.Warn("optional-left-out", node, $"{what} {name} is optional and not given: none of its files is in the policy");
                return;
            }

            throw node.Wrong($"the {what} {name} is not given, so its files are not known", "give its YAML beside");
        }

        foreach ((string key, string path) in items.Count > 0 ? items : [.. found!.Data.Keys.Select(k => (k, k))])
        {
            if (broker)
            {
                files.Add(new(path, null, context.Resource(name, key), $"Secret {name}: put it to the key broker, pavise kb put"));
            }
            else if (found!.Data.TryGetValue(key, out byte[]? content))
            {
                files.Add(new(path, ConfigObject.Digest(content), null, $"{what} {name}"));
            }
            else if (node.Flag("optional") != true)
            {
                throw node.Wrong($"the {what} {name} has no key {key}");
            }
        }

        if (secret && !broker)
        {
            context.Remarks.Warn("secret-from-host", node, $"the host brings the files of the Secret {name}, so it knows them; --secrets broker takes them from the key broker");
        }
    }
}
