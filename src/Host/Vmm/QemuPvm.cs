using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Pavise.Boundary;
using Pavise.Host.Interop;
using Pavise.Host.Machines;
using Pavise.Host.Protos;
using Pavise.Host.Visor;
using Pavise.Host.Vsock;

namespace Pavise.Host.Vmm;

/// <summary>
/// A pVM in QEMU. QEMU runs as a user of its own and opens no path of ours: kernel, RAM disk, sockets and images reach it as descriptors.
/// </summary>
internal sealed class QemuPvm : IPvm
{
    private const int Kill9 = 9;
    private const int KernelDescriptor = 3;
    private const int InitrdDescriptor = 4;
    private const int VsockDescriptor = 5;
    private const int QmpDescriptor = 6;
    private const string BootRom = "/usr/share/qemu/qboot.rom";
    private const string VsockSocket = "vsock.sock";

    private readonly ChildProcess _child;
    private readonly VsockDevice _vsock;
    private readonly BouncePool _pool;
    private readonly QmpClient _qmp;
    private readonly BoundedLog _log;
    private readonly List<IDisposable> _owned;
    private readonly TaskCompletionSource _negotiated = new();
    private Task _logging = Task.CompletedTask;
    private string? _shutdownReason;

    private QemuPvm(ChildProcess child, VsockDevice vsock, BouncePool pool, SafeSocketHandle qmp, BoundedLog log, List<IDisposable> owned)
    {
        _child = child;
        _vsock = vsock;
        _pool = pool;
        _log = log;
        _owned = owned;
        _qmp = new QmpClient(new Socket(qmp), OnEvent);
        Ended = AwaitEndAsync();
    }

    public int Pid => _child.Pid;

    public Task<string> Ended { get; }

    /// <summary>Starts QEMU and the vsock device.</summary>
    public static async Task<QemuPvm> StartAsync(LaunchRequest request, IReadOnlyDictionary<uint, Func<Stream, CancellationToken, Task>> hostCalls, VisorLog log)
    {
        SandboxFiles.Place vsockPlace = new(request.Directory, VsockSocket);
        List<IDisposable> owned = [vsockPlace];
        BouncePool pool = new();
        PacketRecorder? recorder = request.VsockRecord.Length > 0 ? new PacketRecorder(request.VsockRecord) : null;
        VsockDevice vsock = VsockDevice.Listen(vsockPlace.Path, BoundaryPorts.GuestCid, BouncePool.IsForcedBy(request.CommandLine) ? pool.Allows : null, recorder);
        owned.AddRange(recorder is null ? [] : [recorder]);
        try
        {
            foreach ((uint port, Func<Stream, CancellationToken, Task> handler) in hostCalls)
            {
                vsock.Accept(port, handler);
            }

            using Socket vsockClient = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            vsockClient.Connect(new UnixDomainSocketEndPoint(vsockPlace.Path));
            // QEMU expects the state that a descriptor has after its own connect.
            vsockClient.Blocking = true;
            (SafeSocketHandle qmp, SafeSocketHandle qmpTheirs) = NativeDescriptors.SocketPair();
            (SafeSocketHandle output, SafeSocketHandle outputTheirs) = NativeDescriptors.SocketPair();
            using SafeSocketHandle theirQmp = qmpTheirs;
            using SafeSocketHandle theirOutput = outputTheirs;
            using SafeFileHandle nothing = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read);
            using SafeFileHandle kernel = File.OpenHandle(request.Kernel, FileMode.Open, FileAccess.Read);
            using SafeFileHandle initrd = File.OpenHandle(request.Initrd, FileMode.Open, FileAccess.Read);
            Dictionary<int, SafeHandle> descriptors = new()
            {
                [0] = nothing, [1] = theirOutput, [2] = theirOutput,
                [KernelDescriptor] = kernel, [InitrdDescriptor] = initrd, [VsockDescriptor] = vsockClient.SafeHandle, [QmpDescriptor] = theirQmp,
            };
            BoundedLog vmmLog = new(Path.Combine(request.Directory, SandboxFiles.VmmLog));
            owned.Add(vmmLog);
            ChildProcess child = await ChildProcess.StartAsync(new SpawnRequest(Command(request, log), ChildEnvironment.Minimal, descriptors, NewSession: true, WorkingDirectory: "/"), freshNamespaces: false);
            QemuPvm pvm = new(child, vsock, pool, qmp, vmmLog, owned)
            {
                _logging = vmmLog.CopyAsync(new NetworkStream(new Socket(output), ownsSocket: true)),
            };
            pvm.Offer(request.Directory, BoundaryPorts.Control, BoundaryPorts.Stream, BoundaryPorts.Session);
            _ = pvm.NegotiateAsync();
            _ = pvm.WatchDeviceAsync(log);
            return pvm;
        }
        catch
        {
            await vsock.DisposeAsync();
            owned.ForEach(o => o.Dispose());
            throw;
        }
    }

    public async Task<Stream> ConnectAsync(uint port, CancellationToken cancellation) => await _vsock.ConnectAsync(port, cancellation);

    public async Task PlugAsync(uint slot, string path, CancellationToken cancellation)
    {
        using SafeFileHandle image = File.OpenHandle(path, FileMode.Open, FileAccess.Read);
        await PlugAsync(slot, image, isReadOnly: true, cancellation);
    }

    public Task PlugVolumeAsync(uint slot, SafeFileHandle image, CancellationToken cancellation) => PlugAsync(slot, image, isReadOnly: false, cancellation);

    private async Task PlugAsync(uint slot, SafeFileHandle image, bool isReadOnly, CancellationToken cancellation)
    {
        await _negotiated.Task.WaitAsync(cancellation);
        string node = $"image{slot}";
        await _qmp.ExecuteAsync("add-fd", w => w.WriteNumber("fdset-id", slot), cancellation, image);
        await _qmp.ExecuteAsync("blockdev-add", w =>
        {
            w.WriteString("driver", "raw");
            w.WriteString("node-name", node);
            w.WriteBoolean("read-only", isReadOnly);
            w.WriteStartObject("file");
            w.WriteString("driver", "file");
            w.WriteString("filename", $"/dev/fdset/{slot}");
            w.WriteBoolean("read-only", isReadOnly);
            w.WriteString("locking", "off");
            w.WriteEndObject();
        }, cancellation);
        await _qmp.ExecuteAsync("device_add", w =>
        {
            w.WriteString("driver", "scsi-hd");
            w.WriteString("id", $"disk{slot}");
            w.WriteString("bus", QemuArguments.ScsiBus);
            w.WriteString("drive", node);
            w.WriteNumber("channel", 0);
            w.WriteNumber("scsi-id", 0);
            w.WriteNumber("lun", slot);
        }, cancellation);
    }

    public void Confine(ulong start, ulong length) => _pool.Confine(start, length);

    public void Kill() => _child.Signal(Kill9);

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Ended;
        await _qmp.DisposeAsync();
        await _vsock.DisposeAsync();
        _owned.ForEach(o => o.Dispose());
    }

    private static List<string> Command(LaunchRequest request, VisorLog log)
    {
        bool kvm = request.Machine != MachineProbe.Name(MachineKind.Tcg);
        List<string> command = [];
        if (Environment.IsPrivilegedProcess)
        {
            VmmUser user = VmmUser.Find(request.QemuUser, File.ReadAllText("/etc/passwd"))
                ?? throw new HostException($"there is neither a user {request.QemuUser} nor nobody for QEMU to run as: create one, or set user under [qemu]");
            if (user.Name != request.QemuUser)
            {
                log.Write($"there is no user {request.QemuUser}: QEMU runs as {user.Name}");
            }

            command.AddRange(user.Arguments(kvm));
        }
        else
        {
            command.AddRange(["setpriv", "--no-new-privs", "--pdeathsig=KILL", "--"]);
        }

        MachineKind machine = Enum.Parse<MachineKind>(request.Machine, ignoreCase: true);
        command.Add(request.QemuPath);
        command.AddRange(QemuArguments.Build(new VmDescription
        {
            Machine = machine,
            MemoryMib = (int)request.MemoryMib,
            Cpus = (int)request.Cpus,
            Kernel = $"/proc/self/fd/{KernelDescriptor}",
            Initrd = $"/proc/self/fd/{InitrdDescriptor}",
            CommandLine = ClockHint.AddTo(request.CommandLine, machine),
            VsockDescriptor = VsockDescriptor,
            QmpDescriptor = QmpDescriptor,
            LaunchBinding = request.LaunchBinding.Memory,
            Firmware = request.Firmware,
            BootRom = File.Exists(BootRom) ? BootRom : "",
            DebugConsole = request.DebugConsole,
        }));
        return command;
    }

    private void Offer(string directory, params ReadOnlySpan<uint> ports)
    {
        foreach (uint port in ports)
        {
            SandboxFiles.Place place = new(directory, BoundaryPorts.GuestSocketName(port));
            _owned.Add(place);
            _ = _vsock.RelayAsync(port, place.Path, CancellationToken.None);
        }
    }

    private async Task NegotiateAsync()
    {
        try
        {
            await _qmp.NegotiateAsync(CancellationToken.None);
            _negotiated.SetResult();
        }
        catch (Exception e) when (e is HostException or IOException or InvalidDataException)
        {
            _negotiated.SetException(e as HostException ?? new QmpException(e.Message));
            _ = _negotiated.Task.Exception;
        }
    }

    /// <summary>A guest that broke a rule of the device cannot be reached any more: it ends, and the log says why.</summary>
    private async Task WatchDeviceAsync(VisorLog log)
    {
        try
        {
            await _vsock.Completion;
        }
        catch (VsockException broken)
        {
            log.Write(broken.Message);
            Kill();
        }
    }

    private void OnEvent(string name, JsonElement data)
    {
        if (name == "SHUTDOWN" && data.ValueKind == JsonValueKind.Object && data.TryGetProperty("reason", out JsonElement reason) && reason.ValueKind == JsonValueKind.String)
        {
            _shutdownReason = reason.GetString();
        }
    }

    private async Task<string> AwaitEndAsync()
    {
        int status = await _child.Exited;
        await _logging;
        return VmmFailure.Explain(status, _log.Tail, _shutdownReason);
    }
}
