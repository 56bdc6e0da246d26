using System.Runtime.InteropServices;
using Pavise.Attestation;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Api;
using Pavise.Guest.Boot;
using Pavise.Guest.Broker;
using Pavise.Guest.Containers;
using Pavise.Guest.Evidence;
using Pavise.Guest.Files;
using Pavise.Guest.Images;
using Pavise.Guest.Interop;
using Pavise.Guest.Network;
using Pavise.Guest.Secrets;
using Pavise.Guest.Shield;
using Pavise.Guest.Transport;
using Pavise.Guest.Volumes;
using Pavise.Policy;

AppDomain.CurrentDomain.UnhandledException += (_, e) => Fatal.Stop($"unhandled: {(e.ExceptionObject is LinuxException failed ? failed.Message : e.ExceptionObject.GetType().Name)}");
GuestEnvironment environment;
IBoundaryTransport transport;
IEvidenceSource? evidence = null;
MountedImages images;
Func<Task>? overlayReady = null, volumesReady = null;
Func<PolicyShield?, Task> modulesOf = _ => Task.CompletedTask;

#if PAVISE_DEVELOPMENT
if (args is [ProcessMachineBoot.Option, "--directory", var directory])
{
    Fatal.EndsProcess();
    environment = ProcessMachineBoot.Prepare(directory);
    Environment.CurrentDirectory = directory;
    transport = new UnixTransport();
    images = new ProcessImages(environment);
}
else
#endif
if (Environment.ProcessId == 1)
{
    VirtualMachineBoot.MountEarly();
    ExpectedMachine.RequireStart();
    ModuleLoader modules = new("/modules");
    modules.Load("base");
    if (VirtualMachineBoot.HasPci)
    {
        modules.Load("pci");
    }

    ExpectedMachine.RequireDevices();
    modules.Load("vsock");
    environment = VirtualMachineBoot.ChangeRoot();

    // In a VM only: elsewhere the host's limits are not this process's to raise.
    LinuxSystem.RaiseFileLimit(GuestEnvironment.OpenFiles);
    transport = new VsockTransport();
    images = new VerityImages(environment, modules);
    overlayReady = () => modules.LoadAsync("overlay");
    Task loaded = modules.LoadAsync("scsi", "verity", "erofs", "overlay");
    evidence = EvidenceSources.FindReal(modules);
    _ = loaded.ContinueWith(_ => VirtualMachineBoot.SealDevices(), TaskScheduler.Default);

    // What else the policy needs is known when it is bound; nothing of an owner or a host runs before.
    volumesReady = () => modules.LoadAsync("volume");
    modulesOf = async shield =>
    {
        try
        {
            await loaded;
            await (shield is { Policy.Network.IsEmpty: false } ? modules.LoadAsync("net") : Task.CompletedTask);
            await (shield is { Policy.HasSharedVolumes: true } ? modules.LoadAsync("fuse") : Task.CompletedTask);
            await (shield is { Policy.HasEncryptedVolumes: true } ? volumesReady() : Task.CompletedTask);
        }
        finally
        {
            VirtualMachineBoot.SealModules();
        }
    };
}
else if (args is ["--version"])
{
    Console.WriteLine($"pavise-guest {GuestEnvironment.Version}");
    using Stream output = Console.OpenStandardOutput();
    output.Write(GuestEnvironment.FlavourMarker);
    output.Write("\n"u8);
    return 0;
}
else
{
    Console.Error.WriteLine("pavise-guest is the first process of a pVM and runs nowhere else");
    return 2;
}

#if PAVISE_DEVELOPMENT
evidence ??= new SimulatedEvidence(transport);
#endif
LinuxSystem.ForbidDumps();
TimeProvider time = TimeProvider.System;
EncryptedVolumes volumes = new(environment, volumesReady);
SharedVolumes shared = new(transport);
ContainerManager containers = new(environment, images, time, overlayReady, volumes, shared);
GuestService service = new(environment, evidence, images, containers, Provision, time, NetworkAsync, volumes);
TtrpcServer server = new();
GuestServiceBinding.Add(server, new ClosedDoor(service, () => service.Closed));
transport.Listen(BoundaryPorts.Stream, (stream, cancellation) => service.Closed is null ? service.ServeStreamAsync(stream, cancellation) : Task.CompletedTask);
transport.Listen(BoundaryPorts.Control, server.ServeAsync);

using ManualResetEventSlim never = new();
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
{
    signal.Cancel = true;
    _ = service.PowerOffAsync(TimeSpan.FromSeconds(10));
});
never.Wait();
return 0;

// Nobody to ask where the policy names no key broker.
IProvisioner? Provision(BrokerDuties duties) => duties.Policy.Attestation.KeyBrokerUrl.Length == 0 || evidence is null ? null
    : duties.Begin(transport, new LaunchQuestions(evidence, PolicyDigest.OfPolicy(duties.Policy.CanonicalBytes.Span)), Fatal.Stop, volumes, time);

// A pod's network where the policy has one; without one no rule program runs and no module for it is in the kernel.
Task NetworkAsync(PolicyShield? shield)
{
    if (shield is not null)
    {
        shared.Violated = (volume, what) => shield.Audit.Add(DecisionPoint.FileOpen, isPermitted: false, volume, "FileOpen.answer", what);
    }

    Task ready = modulesOf(shield);
    return shield is { Policy.Network.IsEmpty: false } ? Task.Run(() => new PodNetwork(environment, transport, shield, containers.RunToolAsync, time).StartAsync(ready)) : ready;
}
