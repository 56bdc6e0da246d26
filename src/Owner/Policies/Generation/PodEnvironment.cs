using System.Text;
using Pavise.Owner.Policies.Drafts;
using Pavise.Owner.Policies.Kubernetes;

namespace Pavise.Owner.Policies.Generation;

/// <summary>A container's variables: the image's, <c>envFrom</c>, <c>env</c>, the later one winning.</summary>
internal sealed class PodEnvironment(PodContext context, YamlNode node, ContainerDraft container)
{
    private const string EnginePath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private readonly Dictionary<string, DraftValue> known = new(StringComparer.Ordinal), written = new(StringComparer.Ordinal);

    /// <summary>What <c>$(NAME)</c> can stand for in command and arguments.</summary>
    public IReadOnlyDictionary<string, DraftValue> Known => known;

    /// <summary>Of these, what the YAML itself writes: exec probes know nothing else.</summary>
    public IReadOnlyDictionary<string, DraftValue> Written => written;

    public void Read()
    {
        AddImage(container);
        if (context.Draft.Hostname is { } hostname)
        {
            container.Env["HOSTNAME"] = new(hostname);
        }

        if (container.Terminal)
        {
            container.Env["TERM"] = new(new("xterm"));
        }

        if (context.Options.Strict)
        {
            AddApiServer();
        }

        foreach (YamlNode source in node.List("envFrom"))
        {
            AddAll(source);
        }

        foreach (YamlNode variable in node.List("env"))
        {
            AddOne(variable);
        }
    }

    /// <summary>The image's variables, and the path that engines give where the image has none.</summary>
    public static void AddImage(ContainerDraft container)
    {
        foreach (string assignment in container.Image.Configuration.Env)
        {
            int equals = assignment.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
            {
                container.Env[assignment[..equals]] = new(new(assignment[(equals + 1)..]));
            }
        }

        container.Env.TryAdd("PATH", new(new(EnginePath), Comment: "what engines set where the image says nothing"));
    }

    /// <summary>What every pod gets, service links or not: a strict policy must name it, or it refuses every pod.</summary>
    private void AddApiServer()
    {
        const string address = "[0-9a-f.:]{2,45}", port = "[0-9]{1,5}", comment = "every pod gets it";
        foreach ((string name, string pattern) in new[]
        {
            ("KUBERNETES_SERVICE_HOST", address), ("KUBERNETES_SERVICE_PORT", port), ("KUBERNETES_SERVICE_PORT_HTTPS", port), ("KUBERNETES_PORT", $"tcp://{address}"), ("KUBERNETES_PORT_443_TCP", $"tcp://{address}"),
            ("KUBERNETES_PORT_443_TCP_PROTO", "tcp"), ("KUBERNETES_PORT_443_TCP_PORT", port), ("KUBERNETES_PORT_443_TCP_ADDR", address),
        })
        {
            container.Env[name] = new(DraftValue.Hole(pattern), Comment: comment);
        }
    }

    private void AddAll(YamlNode source)
    {
        string prefix = source.Text("prefix") ?? "";
        bool secret = source.Find("secretRef") is not null;
        YamlNode reference = source.Find("configMapRef") ?? source.Find("secretRef") ?? throw source.Wrong("envFrom takes configMapRef or secretRef");
        string name = reference.RequiredText("name");
        if (!(secret ? context.Manifest.Secrets : context.Manifest.ConfigMaps).TryGetValue(name, out ConfigObject? found))
        {
            if (reference.Flag("optional") == true)
            {
                context.Remarks.Warn("optional-left-out", reference, $"{(secret ? "Secret" : "ConfigMap")} {name} is optional and not given: none of its variables is in the policy");
                return;
            }

            throw reference.Wrong($"the {(secret ? "Secret" : "ConfigMap")} {name} is not given, so its variables are not known", "give its YAML beside");
        }

        foreach ((string key, byte[] value) in found.Data)
        {
            if (secret)
            {
                SecretVariable(reference, prefix + key, name, key, found);
            }
            else
            {
                Set(prefix + key, new(new(Encoding.UTF8.GetString(value)), Comment: $"ConfigMap {name}"));
            }
        }
    }

    private void AddOne(YamlNode variable)
    {
        string name = variable.RequiredText("name");
        if (variable.Find("valueFrom") is { } from)
        {
            AddFrom(name, from);
            return;
        }

        List<string> unknown = [];
        DraftValue value = Expansion.Expand(variable.Text("value") ?? "", known, unknown);
        Unknown(variable, unknown);
        Set(name, new(value, Required: value.Pattern is not null));
        written[name] = value;
    }

    private void AddFrom(string name, YamlNode from)
    {
        if (from.Find("fieldRef") is { } field)
        {
            string path = field.RequiredText("fieldPath");
            DraftValue value = DownwardApi.Field(context, path) ?? throw field.Wrong($"the field {path} is not known");
            Set(name, new(value, Required: value.Pattern is not null, Comment: path));
        }
        else if (from.Find("resourceFieldRef") is { } resource)
        {
            DraftValue value = DownwardApi.Resource(node, resource);
            Set(name, new(value, Required: value.Pattern is not null, Comment: resource.RequiredText("resource")));
        }
        else if (from.Find("configMapKeyRef") is { } configMap)
        {
            string map = configMap.RequiredText("name"), key = configMap.RequiredText("key");
            if (context.Manifest.ConfigMaps.TryGetValue(map, out ConfigObject? found) && found.Data.TryGetValue(key, out byte[]? value))
            {
                Set(name, new(new(Encoding.UTF8.GetString(value)), Comment: $"ConfigMap {map}"));
            }
            else if (configMap.Flag("optional") == true)
            {
                context.Remarks.Warn("optional-left-out", configMap, $"ConfigMap {map} or its key {key} is optional and not given: {name} is not in the policy");
            }
            else
            {
                throw configMap.Wrong($"the ConfigMap {map} with the key {key} is not given", "give its YAML beside");
            }
        }
        else if (from.Find("secretKeyRef") is { } secret)
        {
            string map = secret.RequiredText("name"), key = secret.RequiredText("key");
            ConfigObject? found = context.Manifest.Secrets.GetValueOrDefault(map);
            if (found is not null && !found.Data.ContainsKey(key) && secret.Flag("optional") != true)
            {
                throw secret.Wrong($"the Secret {map} has no key {key}");
            }

            if (found is null && secret.Flag("optional") == true)
            {
                context.Remarks.Warn("optional-left-out", secret, $"Secret {map} is optional and not given: {name} is not in the policy");
                return;
            }

            SecretVariable(secret, name, map, key, found);
        }
        else
        {
            throw from.Wrong("valueFrom takes fieldRef, resourceFieldRef, configMapKeyRef or secretKeyRef");
        }
    }

    /// <summary>A secret is in no policy, since the host reads policies: the key broker brings it, or the host by declaration.</summary>
    private void SecretVariable(YamlNode at, string name, string secret, string key, ConfigObject? found)
    {
        string pattern = found is not null && found.Data.TryGetValue(key, out byte[]? bytes) && bytes.Contains((byte)'\n') ? "(.|\\n)*" : DraftValue.AnyLine;
        if (context.Options.Secrets == "host")
        {
            Set(name, new(DraftValue.Hole(pattern) with { IsSecret = true }, Required: true, Comment: $"Secret {secret}, brought by the host, which knows and chooses it"));
            context.Remarks.Warn("secret-from-host", at, $"{name}: the host brings the Secret {secret}, so it knows it and may bring another value");
            return;
        }

        container.Env.Remove(name);
        known[name] = DraftValue.Hole(pattern) with { IsSecret = true };
        written.Remove(name);
        context.Draft.Secrets.RemoveAll(s => s.Container == container.Name && s.Variable == name);
        context.Draft.Secrets.Add(new(context.Resource(secret, key), container.Name, "", name, $"Secret {secret}: put it to the key broker, pavise kb put"));
    }

    private void Set(string name, EnvDraft value)
    {
        context.Draft.Secrets.RemoveAll(s => s.Container == container.Name && s.Variable == name);
        container.Env[name] = value;
        known[name] = value.Value;
    }

    public void Unknown(YamlNode at, List<string> names)
    {
        // $(command) of a shell is no reference to a variable.
        foreach (string name in names.Where(n => n.Length > 0 && !n.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.'))))
        {
            context.Remarks.Warn("unknown-variable", at, $"$({name}) names no variable of this container; a kubelet leaves it as it is, unless a Service gives it");
        }
    }
}
