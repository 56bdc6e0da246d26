using Pavise.Host.Runtime.CommandLine;

namespace Pavise.Host.Runtime.Commands;

internal sealed class FeaturesCommand : ICommand
{
    public string Name => "features";

    public string Usage => "";

    public string Help => "show what the runtime supports, as JSON";

    public IReadOnlyList<OptionSpec> Options { get; } = [];

    public Task<int> RunAsync(Invocation invocation, ParsedArguments arguments, CancellationToken cancellation)
    {
        // OCI runtime specification 1.1, features.md. No hook and no host mount option ever takes effect.
        Console.Out.WriteLine("""
            {
              "ociVersionMin": "1.0.0",
              "ociVersionMax": "1.2.0",
              "hooks": [],
              "mountOptions": [],
              "linux": {
                "namespaces": ["cgroup", "ipc", "mount", "network", "pid", "uts"],
                "capabilities": [],
                "cgroup": { "v1": false, "v2": true, "systemd": false, "systemdUser": false },
                "seccomp": { "enabled": true, "actions": ["SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO"], "operators": ["SCMP_CMP_EQ", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"] },
                "apparmor": { "enabled": false },
                "selinux": { "enabled": false }
              },
              "annotations": { "dev.pavise.policy": "base64 of gzip of the canonical policy" }
            }
            """);
        return Task.FromResult(0);
    }
}
