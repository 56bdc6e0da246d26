using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Shim.Sandboxes;
using Pavise.Host.Shim.Service;
using Pavise.Host.Shim.Tasks;
using Pavise.Host.Visor;
using Empty = Google.Protobuf.WellKnownTypes.Empty;
using Status = Pavise.Host.Shim.Protos.Status;

namespace Pavise.Host.Shim.CommandLine;

/// <summary>
/// The action <c>delete</c>: containerd lost its connection to the task's shim, in good order or because the shim was killed. What is left of the
/// task is removed. A pod's shim that lives keeps its other tasks.
/// </summary>
internal static class DeleteAction
{
    private const uint Kill9 = 9;

    // containerd gives the whole action five seconds.
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(3);

    public static async Task<DeleteResponse> RunAsync(ShimArguments arguments, TimeProvider time)
    {
        string bundle = Path.GetFullPath(arguments.Bundle.Length > 0 ? arguments.Bundle : ".");
        string? socket = AddressFile.Read(bundle);
        DeleteResponse? living = socket is null ? null : await AskShimAsync(socket, arguments.Id);
        if (living is null)
        {
            if (socket is not null && !await AnswersAsync(socket))
            {
                File.Delete(socket);
            }

            await SandboxLeftovers.RemoveAsync(Path.Combine(Surroundings.Real.Sandboxes, ShimIdentity.SandboxName(arguments, arguments.Id)));
        }

        return living ?? new DeleteResponse { ExitStatus = ExitInfo.Killed, ExitedAt = time.GetUtcNow().ToTimestamp() };
    }

    /// <summary>Has a living shim end and delete the task; null when there is no shim, or it does not know the task.</summary>
    private static async Task<DeleteResponse?> AskShimAsync(string socket, string id)
    {
        try
        {
            await using TtrpcClient client = new(await ConnectAsync(socket));
            using CancellationTokenSource late = new(CallLimit);
            StateResponse state = await CallAsync(client, "State", new StateRequest { Id = id }, StateResponse.Parser, late.Token);
            if (state.Status is Status.Running or Status.Paused or Status.Created)
            {
                await CallAsync(client, "Kill", new KillRequest { Id = id, Signal = Kill9, All = true }, Empty.Parser, late.Token);
                await CallAsync(client, "Wait", new WaitRequest { Id = id }, WaitResponse.Parser, late.Token);
            }

            DeleteResponse deleted = await CallAsync(client, "Delete", new DeleteRequest { Id = id }, DeleteResponse.Parser, late.Token);
            await CallAsync(client, "Shutdown", new ShutdownRequest { Id = id }, Empty.Parser, late.Token);
            return deleted;
        }
        catch (Exception e) when (e is TtrpcException or IOException or SocketException or OperationCanceledException)
        {
            return null;
        }
    }

    private static Task<T> CallAsync<T>(TtrpcClient client, string method, Google.Protobuf.IMessage request, Google.Protobuf.MessageParser<T> parser, CancellationToken cancellation)
        where T : Google.Protobuf.IMessage<T> => client.CallAsync(TaskBinding.Version2, method, request, parser, cancellation);

    private static async Task<bool> AnswersAsync(string socket)
    {
        try
        {
            await (await ConnectAsync(socket)).DisposeAsync();
            return true;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return false;
        }
    }

    private static Task<Stream> ConnectAsync(string socket) => SandboxFiles.ConnectAsync(Path.GetDirectoryName(socket)!, Path.GetFileName(socket), CancellationToken.None);
}
