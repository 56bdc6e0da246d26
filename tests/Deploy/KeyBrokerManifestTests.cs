using System.Text.Json.Nodes;
using k8s.Models;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Sealing;
using Pavise.Owner;

namespace Pavise.Deploy.Tests;

public sealed class KeyBrokerManifestTests : IDisposable
{
    private const string Configuration = "/etc/pavise-keybroker", Data = "/var/lib/pavise-keybroker";

    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-deploy-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static V1StatefulSet Set => Manifests.One<V1StatefulSet>("keybroker/keybroker.yaml");

    private static V1PodSpec Pod => Set.Spec.Template.Spec;

    private static V1Container Broker => Assert.Single(Pod.Containers);

    [Fact]
    public void There_is_one_broker_and_its_database_outlives_it()
    {
        Assert.Equal(1, Set.Spec.Replicas);
        V1PersistentVolumeClaim claim = Assert.Single(Set.Spec.VolumeClaimTemplates);
        Assert.Equal(["ReadWriteOncePod"], claim.Spec.AccessModes);
        Assert.Equal(("Retain", "Retain"), (Set.Spec.PersistentVolumeClaimRetentionPolicy.WhenDeleted, Set.Spec.PersistentVolumeClaimRetentionPolicy.WhenScaled));
        Assert.Equal(Data, Broker.VolumeMounts.Single(m => m.Name == claim.Metadata.Name).MountPath);
    }

    [Fact]
    public void It_has_no_rights_and_writes_only_its_data()
    {
        Assert.False(Pod.AutomountServiceAccountToken);
        Assert.True(Pod.SecurityContext.RunAsNonRoot);
        Assert.Equal("RuntimeDefault", Pod.SecurityContext.SeccompProfile.Type);
        Assert.False(Broker.SecurityContext.Privileged);
        Assert.False(Broker.SecurityContext.AllowPrivilegeEscalation);
        Assert.True(Broker.SecurityContext.ReadOnlyRootFilesystem);
        Assert.Equal(["ALL"], Broker.SecurityContext.Capabilities.Drop);
        Assert.True(Broker.VolumeMounts.Single(m => m.MountPath == Configuration).ReadOnlyProperty);
        string writable = Broker.VolumeMounts.Single(m => m.Name == "unpacked").MountPath;
        Assert.All((string[])["HOME", "DOTNET_BUNDLE_EXTRACT_BASE_DIR"], v => Assert.Equal(writable, Broker.Env.Single(e => e.Name == v).Value));
        Assert.NotNull(Broker.Resources.Limits["memory"]);
        Assert.Equal("restricted", Manifests.One<V1Namespace>("keybroker/namespace.yaml").Metadata.Labels["pod-security.kubernetes.io/enforce"]);
    }

    [Fact]
    public void The_master_key_comes_from_a_secret_under_the_name_that_the_broker_reads()
    {
        V1SecretKeySelector key = Broker.Env.Single(e => e.Name == MasterKey.Variable).ValueFrom.SecretKeyRef;
        Assert.Equal("pavise-keybroker-master", key.Name);
        Assert.DoesNotContain(Manifests.Files, f => f.StartsWith("keybroker/", StringComparison.Ordinal) && Manifests.Read(f).OfType<V1Secret>().Any());
        Assert.NotEqual(key.Name, Pod.Volumes.Single(v => v.Name == "configuration").Secret.SecretName);
    }

    [Fact]
    public async Task The_configuration_that_pavise_kb_init_makes_fits_the_mounts_and_ports()
    {
        string home = Path.Combine(_folder, "home"), broker = Path.Combine(_folder, "broker");
        await OwnerAsync("owner", "init", "--name", "alice", "--config", home);
        await OwnerAsync("kb", "init", broker, "--listen", "0.0.0.0:8443", "--admin", "0.0.0.0:8444", "--database", $"{Data}/broker.db", "--config", home);
        BrokerConfiguration configuration = ConfigurationReader.Read(broker);
        Assert.Equal($"{Data}/broker.db", configuration.Database);
        Assert.Equal(configuration.Listen.Port, Port("guests"));
        Assert.Equal(configuration.Admin.Port, Port("admin"));

        // What the secret is made of is there, and the master key is apart.
        string documented = File.ReadAllText(Path.Combine(Manifests.Folder, "../docs/key-broker.md"));
        Assert.All(Directory.EnumerateFiles(broker), f => Assert.Contains($"--from-file={Path.GetFileName(f)}", documented.Replace("/tmp/kb/", "", StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.Equal(["serve", Configuration], Broker.Args);
        Assert.Equal(32, MasterKey.Read(Path.Combine(broker, "master.key")).Length);
    }

    [Fact]
    public void Probes_ask_the_guests_listener_for_what_it_answers()
    {
        JsonNode paths = JsonNode.Parse(File.ReadAllText(Path.Combine(Manifests.Folder, "../src/KeyBroker/OpenApi/openapi.json")))!["paths"]!;
        foreach (V1Probe probe in new[] { Broker.StartupProbe, Broker.ReadinessProbe, Broker.LivenessProbe })
        {
            Assert.Equal(("HTTPS", "guests"), (probe.HttpGet.Scheme, probe.HttpGet.Port.Value));
            Assert.NotNull(paths[probe.HttpGet.Path]);
        }

        // A broker whose store is slow must not be ended for it.
        Assert.Equal("/healthz", Broker.LivenessProbe.HttpGet.Path);
    }

    [Fact]
    public void Services_and_network_policy_name_the_brokers_pod_and_ports_and_administration_is_apart()
    {
        V1Service[] services = [.. Manifests.Read("keybroker/service.yaml").OfType<V1Service>()];
        V1NetworkPolicy policy = Manifests.One<V1NetworkPolicy>("keybroker/network-policy.yaml");
        Assert.All(services, s => Assert.Equal(Set.Spec.Template.Metadata.Labels, s.Spec.Selector));
        Assert.Equal(Set.Spec.Template.Metadata.Labels, policy.Spec.PodSelector.MatchLabels);
        Assert.Equal(Set.Spec.ServiceName, services[0].Metadata.Name);
        Assert.Equal(["guests"], services[0].Spec.Ports.Select(p => p.TargetPort.Value));
        Assert.Equal(["admin"], services[1].Spec.Ports.Select(p => p.TargetPort.Value));
        Assert.All(services, s => Assert.Null(s.Spec.Type));
        Assert.Equal(["Egress", "Ingress"], policy.Spec.PolicyTypes.Order(StringComparer.Ordinal));
        V1NetworkPolicyIngressRule admin = policy.Spec.Ingress.Single(r => r.Ports.Any(p => p.Port.Value == "admin"));
        Assert.NotEmpty(admin.FromProperty);
        Assert.Equal(["guests"], policy.Spec.Ingress.Where(r => r.FromProperty is null).SelectMany(r => r.Ports).Select(p => p.Port.Value));
        Assert.All(new[] { Set.Metadata, policy.Metadata, services[0].Metadata, services[1].Metadata }, m => Assert.Equal(Manifests.One<V1Namespace>("keybroker/namespace.yaml").Metadata.Name, m.NamespaceProperty));
    }

    [Fact]
    public void Every_file_that_the_image_takes_is_one_that_the_build_makes()
    {
        string[] taken = [.. File.ReadLines(Path.Combine(Manifests.Folder, "keybroker/Containerfile")).Where(l => l.StartsWith("COPY ", StringComparison.Ordinal)).SelectMany(l => l.Split(' ')[1..^1])];
        Assert.Equal(["out/bin/pavise-keybroker"], taken);
    }

    private static int Port(string name) => Broker.Ports.Single(p => p.Name == name).ContainerPort;

    private static async Task OwnerAsync(params string[] arguments)
    {
        StringWriter errors = new();
        Assert.True(await CommandLine.RunAsync(arguments, TextWriter.Null, errors) == 0, errors.ToString());
    }
}
