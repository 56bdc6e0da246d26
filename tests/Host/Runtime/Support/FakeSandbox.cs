using System.Net.Sockets;
using System.Text;
using Pavise.Boundary;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Visor;

namespace Pavise.Host.Tests.Runtime.Support;

/// <summary>A sandbox folder with the guest's sockets, and a fake guest behind them; the folder is real, so commands find it as they find any.</summary>
internal sealed class FakeSandbox : ISandbox
{
    private readonly CancellationTokenSource end = new();
    private readonly ISandbox real;

    public FakeSandbox(string directory, IGuestService service)
    {
        Directory = System.IO.Directory.CreateDirectory(directory).FullName;
        real = Sandbox.Open(Directory);
        TtrpcServer server = new();
        GuestServiceBinding.Add(server, service);
        Serve(BoundaryPorts.Control, stream => server.ServeAsync(stream, end.Token));
        Serve(BoundaryPorts.Stream, ServeStreamAsync);
    }

    public string Directory { get; }

    /// <summary>Fails the plugging of the image.</summary>
    public bool PlugFails { get; init; }

    public Task<uint> PlugImageAsync(string imagePath, CancellationToken cancellation) => PlugFails ? throw new HostException("no slot is free") : Task.FromResult(7u);

    /// <summary>The volumes that were plugged.</summary>
    public List<(string Source, string Volume, ulong Bytes)> Plugged { get; } = [];

    public Task<uint> PlugVolumeAsync(string source, string volume, ulong bytes, CancellationToken cancellation)
    {
        Plugged.Add((source, volume, bytes));
        return Task.FromResult(8u);
    }

    /// <summary>The folders that were shared.</summary>
    public List<(string Volume, string Path)> Shared { get; } = [];

    public Task ShareFolderAsync(string volume, string path, CancellationToken cancellation)
    {
        Shared.Add((volume, path));
        return Task.CompletedTask;
    }

    public Task<Stream> ConnectGuestAsync(uint port, CancellationToken cancellation) => real.ConnectGuestAsync(port, cancellation);

    public Task<Stream> OpenStreamAsync(StreamHeader header, CancellationToken cancellation) => real.OpenStreamAsync(header, cancellation);

    public Task GuardAsync(string containerId, string execId, bool alone, CancellationToken cancellation) => Task.CompletedTask;

    public Task<SandboxStatus> StatusAsync(CancellationToken cancellation) => Task.FromResult(new SandboxStatus("process", true, 1, 1, true, null));

    public async Task StopAsync(TimeSpan grace, CancellationToken cancellation)
    {
        await end.CancelAsync();
        await real.StopAsync(grace, cancellation);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Serve(uint port, Func<Stream, Task> serve)
    {
        Socket listener = SandboxFiles.Listen(Directory, BoundaryPorts.GuestSocketName(port));
        // As a pVM's end does it: nobody listens any more, and every connection is closed.
        end.Token.Register(listener.Dispose);
        _ = Task.Run(async () =>
        {
            while (true)
            {
                Socket socket = await listener.AcceptAsync(end.Token);
                end.Token.Register(socket.Dispose);
                _ = Task.Run(() => serve(new NetworkStream(socket, ownsSocket: true)));
            }
        });
    }

    /// <summary>Outputs say which stream they are; input is swallowed.</summary>
    private async Task ServeStreamAsync(Stream stream)
    {
        await using (stream)
        {
            StreamHeader header = await StreamHeader.ReadAsync(stream, end.Token);
            await StreamAnswer.WriteOpenAsync(stream, end.Token);
            if (header.Kind != StreamKind.Stdin)
            {
                await stream.WriteAsync(Encoding.UTF8.GetBytes($"{header.Kind}\n"), end.Token);
            }
        }
    }
}
