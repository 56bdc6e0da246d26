using System.Text;
using Pavise.Owner.Policies.Generation;

namespace Pavise.Owner.Policies.Drafts;

/// <summary>Writes a draft as YAML: the same draft, the same bytes.</summary>
internal sealed class PolicyWriter(PolicyDraft draft, GenerateOptions options)
{
    private readonly StringBuilder text = new();

    public static string Write(PolicyDraft draft, GenerateOptions options) => new PolicyWriter(draft, options).Write();

    private string Write()
    {
        foreach (string line in draft.Header)
        {
            Line(0, "", $"Made by pavise policy generate, {line}. Read it: what says \"choose\" is yours to decide.");
        }

        Line(0, $"apiVersion: {Pavise.Policy.Model.PolicyDocument.ApiVersion}");
        Line(0, "kind: Policy");
        Line(0, $"metadata: {{ name: {FlowText.Of(draft.Name)}, version: {FlowText.Number(draft.Version)} }}", "raise the version with each change");
        Line(0, "sandbox:");
        Line(1, $"hostname: {(draft.AnyHostname ? "any" : draft.Hostname!.Pattern is { } pattern ? $"{{ from: host, matches: {FlowText.Quoted(pattern)} }}" : FlowText.Of(draft.Hostname.Text))}");
        Line(1, $"memory: {draft.Memory}", draft.MemoryComment);
        Line(1, $"cpus: {draft.Cpus}");
        Line(0, "containers:");
        foreach (ContainerDraft container in draft.Containers)
        {
            Container(container);
        }

        Volumes();
        Secrets();
        Network();
        Line(0, "host:", "what the host sees and may ask beyond the containers: nothing");
        Line(1, "stats: none");
        Line(1, "processes: none");
        Line(1, $"errors: {(options.DetailedErrors ? "detailed" : "redacted")}");
        Attestation();
        if (options.Strict)
        {
            Line(0, "strict: true");
        }

        return text.ToString();
    }

    private void Container(ContainerDraft c)
    {
        Line(1, $"- name: {FlowText.Of(c.Name)}");
        Line(2, $"image: {{ reference: {FlowText.Quoted(Reference(c.Image))}, rootfs: {FlowText.Quoted(c.Image.RootHash)} }}");
        if (c.Restarts > 0)
        {
            Line(2, $"restarts: {{ max: {FlowText.Number(c.Restarts)} }}", c.RestartComment);
        }

        if (c.After.Count > 0)
        {
            Line(2, $"after: {FlowText.List(c.After.Select(a => $"{{ container: {FlowText.Of(a.Container)}, state: {a.State} }}"))}");
        }

        Line(2, "process:");
        Line(3, $"args: {FlowText.List(c.Args.Select(FlowText.Of))}");
        Environment(c);
        Line(3, $"cwd: {FlowText.Of(c.Cwd)}");
        string groups = c.Groups.Count > 0 ? $", additionalGids: {FlowText.List(c.Groups.Select(g => FlowText.Number(g)))}" : "";
        Line(3, $"user: {{ uid: {FlowText.Number(c.Uid)}, gid: {FlowText.Number(c.Gid)}{groups} }}", c.UserComment);
        if (c.Terminal)
        {
            Line(3, "terminal: true");
        }

        Line(3, $"capabilities: {FlowText.List(c.Capabilities)}", c.CapabilityComment);
        if (c.NewPrivileges)
        {
            Line(3, "noNewPrivileges: false", "allowPrivilegeEscalation: a program file with capabilities may use them");
        }

        if (c.Sysctls.Count > 0)
        {
            Line(3, $"sysctls: {{ {string.Join(", ", c.Sysctls.Select(s => $"{FlowText.Of(s.Key)}: {FlowText.Quoted(s.Value)}"))} }}");
        }

        Line(3, "seccomp: default");
        Line(3, options.WritableRoot is { } size ? $"executables: open\n      writable: {size}" : "executables: sealed", options.WritableRoot is null ? "the root is the verified image, read-only; what the application writes needs a mount" : "choose: what the application writes to its root can be executed");
        Rest(c);
    }

    private void Environment(ContainerDraft c)
    {
        if (c.Env.Count > 0)
        {
            Line(3, "env:");
        }

        foreach ((string name, EnvDraft env) in c.Env)
        {
            string value = env.Value.Pattern is { } pattern ? $"{{ from: host, matches: {FlowText.Quoted(pattern)}{(env.Required ? ", required: true" : "")} }}" : FlowText.Quoted(env.Value.Text);
            Line(4, $"{FlowText.Of(name)}: {value}", env.Comment);
        }
    }

    private void Rest(ContainerDraft c)
    {
        if (c.Mounts.Count > 0)
        {
            Line(2, "mounts:");
            foreach (MountDraft mount in c.Mounts)
            {
                Line(3, $"- {{ path: {FlowText.Of(mount.Path)}, {mount.Members} }}", mount.Comment);
            }
        }

        if (c.Exec.Count > 0)
        {
            Line(2, "exec:");
            foreach (ExecDraft exec in c.Exec)
            {
                Line(3, $"- {{ args: {FlowText.List(exec.Args.Select(FlowText.Of))}, output: exit-code }}", exec.Comment);
            }
        }

        Line(2, $"stdio: {{ stdin: {(c.Stdin ? "host" : "none")}, stdout: {options.Logs}, stderr: {options.Logs} }}", options.Logs == "none" ? "choose: host lets the host (kubectl logs) read them" : "");
        Line(2, $"signals: {FlowText.List(c.Signals)}");
        Line(2, "exit: success", "the host hears whether it succeeded, not the status");
        if (c.MemoryLimit is not null || c.CpuLimit is not null)
        {
            Line(2, $"resources: {{ {string.Join(", ", new[] { c.MemoryLimit is null ? null : $"memory: {c.MemoryLimit}", c.CpuLimit is null ? null : $"cpus: {c.CpuLimit}" }.Where(r => r is not null))} }}");
        }
    }

    private void Volumes()
    {
        if (draft.Volumes.Count > 0)
        {
            Line(0, "volumes:");
            foreach ((string name, VolumeDraft volume) in draft.Volumes)
            {
                Line(1, $"{FlowText.Of(name)}: {volume.Members}", volume.Comment);
            }
        }
    }

    private void Secrets()
    {
        if (draft.Secrets.Count > 0)
        {
            Line(0, "secrets:");
            foreach (SecretDraft secret in draft.Secrets)
            {
                string to = secret.File.Length > 0 ? $"file: {FlowText.Of(secret.File)}" : $"env: {FlowText.Of(secret.Variable)}";
                Line(1, $"- {{ resource: {FlowText.Quoted(secret.Resource)}, to: {{ container: {FlowText.Of(secret.Container)}, {to} }} }}", secret.Comment);
            }
        }
    }

    private void Network()
    {
        if (draft.Ingress.Count > 0)
        {
            Line(0, "network:");
            Line(1, "ingress:", "choose: tls: terminate ends TLS in the shield, with an attested key");
            foreach ((int port, string comment) in draft.Ingress)
            {
                Line(2, $"- {{ port: {FlowText.Number(port)}, tls: none }}", comment);
            }

            Line(1, "", "egress: [{ host: db.internal, port: 5432, tls: require }]   choose: whom the application may reach; nobody, as long as this is not written");
        }
    }

    private void Attestation()
    {
        Line(0, "attestation:");
        if (options.KeyBrokerUrl is { } url && options.KeyBrokerKey is { } key)
        {
            Line(1, $"keyBroker: {{ url: {FlowText.Quoted(url)}, key: {FlowText.Quoted(key)} }}");
        }
        else if (draft.Secrets.Count > 0 || draft.Volumes.Values.Any(v => v.Members.Contains("kind: encrypted", StringComparison.Ordinal)))
        {
            Line(1, $"keyBroker: {{ url: \"https://kbs.invalid\", key: \"spki-sha256:{new string('0', 64)}\" }}", "choose: pavise kb init prints these lines");
        }

        Line(1, $"tees: {FlowText.List(options.Tees)}");
    }

    private static string Reference(ImageFacts image) =>
        image.Configuration.Digest.Length == 0 || image.Reference.Contains('@', StringComparison.Ordinal) || image.Reference.StartsWith('/') || image.Reference.StartsWith('.') ? image.Reference : $"{image.Reference}@{image.Configuration.Digest}";

    private void Line(int indent, string content, string comment = "")
    {
        string safe = string.Concat(comment.Select(c => char.IsControl(c) ? ' ' : c));
        text.Append(' ', indent * 2).Append(content).Append(safe.Length == 0 ? "" : content.Length == 0 ? $"# {safe}" : $"   # {safe}").Append('\n');
    }
}
