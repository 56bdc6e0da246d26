using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Pavise.Boundary;
using Pavise.Guest.Interop;
using Pavise.Guest.Transport;

namespace Pavise.Guest.Files;

/// <summary>
/// A volume whose files are the host's, in plain text: a FUSE file system that this process serves by file host calls. Mounted when first named, connected
/// when a container that has it starts: before, nothing touches it.
/// </summary>
internal sealed class SharedVolume : IDisposable
{
    /// <summary>Requests at once: enough to keep a disk busy while some wait for it.</summary>
    private const int LaneCount = 8;
    private const int StackBytes = 256 * 1024;

    private readonly SafeFileHandle device;
    private readonly string path;
    private readonly Action<string> report;
    private readonly List<FileLane> lanes = [];
    private readonly Lock gate = new();
    private bool connected;

    /// <summary>Mounts it.</summary>
    /// <param name="name">The policy's name.</param>
    /// <param name="path">An empty folder.</param>
    /// <param name="report">Gets what the host did that it may not.</param>
    public SharedVolume(string name, string path, Action<string> report)
    {
        Name = name;
        this.path = path;
        this.report = report;
        device = LinuxFuse.Open();
        string options = string.Create(CultureInfo.InvariantCulture, $"fd={device.DangerousGetHandle()},rootmode=40000,user_id=0,group_id=0,default_permissions,allow_other,max_read={Boundary.HostCalls.Files.FileLimits.DataBytes}");
        LinuxMounts.Mount("pavise-shared", path, "fuse", MountFlags.NoSuid | MountFlags.NoDev | MountFlags.NoExec, options);
    }

    /// <summary>Serves a device that is open already, and mounts nothing.</summary>
    internal SharedVolume(string name, SafeFileHandle device, Action<string> report)
    {
        Name = name;
        path = "";
        this.device = device;
        this.report = report;
    }

    public string Name { get; }

    public SafeFileHandle Device => device;

    public FileNodes Nodes { get; } = new();

    public ConcurrentDictionary<ulong, OpenFile> Handles { get; } = new();

    /// <summary>Connects to the host and serves the kernel from then on. Once is enough.</summary>
    /// <exception cref="IOException">The host does not serve the volume, or not as one can.</exception>
    public void Connect(IBoundaryTransport transport)
    {
        lock (gate)
        {
            if (connected)
            {
                return;
            }

            try
            {
                FileFate fate = new();
                for (int i = 0; i < LaneCount; i++)
                {
                    FileLane lane = new(transport.ConnectHost(BoundaryPorts.HostCallFile), fate);
                    lanes.Add(lane);
                    lane.Open(Name);
                }

                Nodes.AddRoot(new FileCalls(lanes[0]).Root());
            }
            catch (FileViolation e)
            {
                report(e.Message);
                Disconnect();
                throw;
            }
            catch
            {
                Disconnect();
                throw;
            }

            foreach (FileLane lane in lanes)
            {
                FuseWorker worker = new(this, lane);
                new Thread(worker.Run, StackBytes) { IsBackground = true, Name = $"volume {Name}" }.Start();
            }

            connected = true;
        }
    }

    /// <summary>What the host did that it may not.</summary>
    public void Report(string violation) => report(violation);

    public void Dispose()
    {
        if (path.Length > 0)
        {
            LinuxMounts.Detach(path);
        }

        // Closing the device aborts what still waits.
        device.Dispose();
        Disconnect();
    }

    private void Disconnect()
    {
        lanes.ForEach(l => l.Dispose());
        lanes.Clear();
    }
}
