using k8s.Models;
using Pavise.Host.Installation;
using Pavise.Host.Runtime.CommandLine;
using Pavise.Host.Runtime.Commands;
using Pavise.Host.Runtime.Commands.Node;

namespace Pavise.Deploy.Tests;

public sealed class InstallerManifestTests
{
    private static V1PodSpec Installer => Manifests.One<V1DaemonSet>("base/installer.yaml").Spec.Template.Spec;

    private static V1PodSpec Uninstaller => Manifests.One<V1DaemonSet>("uninstall/uninstaller.yaml").Spec.Template.Spec;

    [Fact]
    public void The_runtime_class_names_the_runtime_that_the_installer_adds()
    {
        V1RuntimeClass runtimeClass = Manifests.One<V1RuntimeClass>("base/runtime-class.yaml");
        Assert.Equal(RuntimeBlock.Runtime, runtimeClass.Handler);
        Assert.Equal(["cpu", "memory"], runtimeClass.Overhead.PodFixed.Keys.Order());
    }

    [Fact]
    public void Pods_go_to_the_nodes_that_the_installer_goes_to()
    {
        foreach ((string label, string value) in Manifests.One<V1RuntimeClass>("base/runtime-class.yaml").Scheduling.NodeSelector)
        {
            Assert.Equal(value, Installer.NodeSelector[label]);
            Assert.Equal(value, Uninstaller.NodeSelector[label]);
        }
    }

    [Fact]
    public void The_programs_know_every_command_and_option_that_the_manifests_give_them()
    {
        foreach (string file in Manifests.Files)
        {
            foreach (V1Container container in Manifests.Read(file).OfType<V1DaemonSet>().Select(d => d.Spec.Template.Spec).SelectMany(s => (s.InitContainers ?? []).Concat(s.Containers ?? [])).Where(c => c.Args is not null))
            {
                ICommand command = new ICommand[] { new InstallCommand(), new UninstallCommand(), new StayCommand() }.Single(c => c.Name == container.Args[0]);
                Assert.Empty(ParsedArguments.Parse([.. container.Args.Skip(1)], command.Options).Positional);
            }
        }
    }

    [Fact]
    public void Only_the_container_that_installs_is_privileged_and_it_does_not_stay()
    {
        foreach (V1PodSpec pod in new[] { Installer, Uninstaller })
        {
            Assert.True(Assert.Single(pod.InitContainers).SecurityContext.Privileged);
            V1SecurityContext stays = Assert.Single(pod.Containers).SecurityContext;
            Assert.False(stays.Privileged);
            Assert.False(stays.AllowPrivilegeEscalation);
            Assert.True(stays.ReadOnlyRootFilesystem);
            Assert.True(stays.RunAsNonRoot);
            Assert.Equal(["ALL"], stays.Capabilities.Drop);
            Assert.Null(stays.Capabilities.Add);
            Assert.Equal("RuntimeDefault", stays.SeccompProfile.Type);
            Assert.Null(pod.Containers[0].VolumeMounts);
        }
    }

    [Fact]
    public void Nothing_of_the_installer_can_speak_to_the_API_server_or_sees_the_nodes_network_and_processes()
    {
        foreach (V1PodSpec pod in new[] { Installer, Uninstaller })
        {
            Assert.False(pod.AutomountServiceAccountToken);
            Assert.NotEqual(true, pod.HostNetwork);
            Assert.NotEqual(true, pod.HostPID);
            Assert.NotEqual(true, pod.HostIPC);
        }
    }

    [Fact]
    public void The_namespace_is_the_same_for_both()
    {
        Assert.Equal(File.ReadAllText(Path.Combine(Manifests.Folder, "base/namespace.yaml")), File.ReadAllText(Path.Combine(Manifests.Folder, "uninstall/namespace.yaml")));
        Assert.Equal(Manifests.One<V1Namespace>("base/namespace.yaml").Metadata.Name, Manifests.One<V1DaemonSet>("base/installer.yaml").Metadata.NamespaceProperty);
        Assert.Equal(Manifests.One<V1Namespace>("base/namespace.yaml").Metadata.Name, Manifests.One<V1DaemonSet>("uninstall/uninstaller.yaml").Metadata.NamespaceProperty);
    }

    [Fact]
    public void Every_file_that_the_image_takes_is_one_that_the_build_makes()
    {
        string[] taken = [.. File.ReadLines(Path.Combine(Manifests.Folder, "Containerfile")).Where(l => l.StartsWith("COPY ", StringComparison.Ordinal)).SelectMany(l => l.Split(' ')[1..^1])];
        Assert.Equal(["out/bin/containerd-shim-pavise-v2", "out/bin/pavise-runtime", "out/guest"], taken.Order());
    }
}
