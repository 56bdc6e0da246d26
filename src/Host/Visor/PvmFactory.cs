using Pavise.Boundary;
using Pavise.Host.HostCalls;
using Pavise.Host.HostCalls.Files;
using Pavise.Host.HostCalls.Network;
using Pavise.Host.Protos;
using Pavise.Host.Vmm;

namespace Pavise.Host.Visor;

/// <summary>Starts the pVM that a launch request describes, with its host calls served.</summary>
internal static class PvmFactory
{
    private const int HostDataBytes = SimulatedProcessor.HostDataBytes;

    public static async Task<IPvm> StartAsync(LaunchRequest request, FolderShares shares, VisorLog log)
    {
        bool process = request.Machine == Machines.MachineProbe.Name(Machines.MachineKind.Process);
        // Loading the cryptographic library and hashing what is launched take longer than the guest's first steps: they go on beside them.
        byte[] hostData = request.LaunchBinding.Span[..HostDataBytes].ToArray();
        TeeServer tee = new(Task.Run(() => new SimulatedProcessor(hostData, SimulatedMeasurement.Of(request))));
        NetServer network = new(request.OwnNetwork ? null : request.NetworkNamespace, Or(request.ResolvConf, "/etc/resolv.conf"), Or(request.Hosts, "/etc/hosts"), log);
        Dictionary<uint, Func<Stream, CancellationToken, Task>> hostCalls = new()
        {
            [BoundaryPorts.HostCallTee] = tee.ServeAsync,
            [BoundaryPorts.HostCallNet] = network.ServeAsync,
            [BoundaryPorts.HostCallFile] = new FileServer(shares, log).ServeAsync,
            [BoundaryPorts.HostCallBroker] = new BrokerServer(KeyBrokerAddress.Of(request.Policy.Memory), log).ServeAsync,
        };
        try
        {
            return process
                ? await ProcessPvm.StartAsync(request.Directory, request.GuestProgram, hostCalls)
                : await QemuPvm.StartAsync(request, hostCalls, log);
        }
        catch (Interop.SystemCallException e) when (e.Errno == Interop.SystemCallException.NoEntry)
        {
            string program = process ? $"setpriv or {request.GuestProgram}" : $"setpriv or {request.QemuPath}";
            throw new HostException($"a program is missing: {program} (Debian packages util-linux, qemu-system-x86)", e);
        }
    }

    private static string Or(string path, string absent) => path.Length > 0 ? path : absent;
}
