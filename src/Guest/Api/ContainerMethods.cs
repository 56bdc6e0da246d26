using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Containers;
using Pavise.Guest.Containers.Configuration;
using Pavise.Guest.Secrets;
using Pavise.Policy;
using Pavise.Policy.Oci;
using Pavise.Policy.Plans;
using Requests = Pavise.Policy.Requests;

namespace Pavise.Guest.Api;

/// <summary>The life of containers.</summary>
internal sealed partial class GuestService
{
    public async Task<CreateContainerResponse> CreateContainer(CreateContainerRequest request, CancellationToken cancellation)
    {
        RootHash root = RootHash.FromBytes(request.RootHash.Span);
        byte[] spec = request.Spec.ToByteArray();
        ReleasedSecrets released = await ReleasedAsync(request.ContainerId, cancellation);
        await NetworkAsync(cancellation);
        Container container = unshielded
            ? await containers.CreateAsync(HostBlueprint(request.ContainerId, root, spec))
            : await Shielded.RunAsync(
                new Requests.CreateContainer(request.ContainerId, request.Name, Parsed(() => OciSpec.Parse(spec)), root),
                request.ContainerId,
                (ContainerPlan plan) => containers.CreateAsync(Opened(plan, released)),
                cancellation);
        CreateContainerResponse response = new() { Stdio = Described(container.Blueprint.Stdio) };
        response.Wanted.AddRange(container.Files.Outstanding);
        response.Volumes.AddRange(MissingVolumes(container));
        response.Folders.AddRange(ContainerManager.Folders(container).Select(m => new WantedFolder { Mount = m.Destination, Name = m.VolumeName }));
        return response;
    }

    public async Task<Empty> PutFile(PutFileRequest request, CancellationToken cancellation)
    {
        HostFileStore files = containers.Get(request.ContainerId).Files;
        if (Taken(files, request) is not { } whole)
        {
            return new Empty();
        }

        return await RunAsync(
            new Requests.PutFile(request.ContainerId, request.Mount, request.Name, (ulong)whole.Content.Length, whole.Sha256),
            request.ContainerId,
            plan =>
            {
                files.Accept(plan, whole.Content);
                return Task.FromResult(new Empty());
            },
            () => new PutFilePlan(request.ContainerId, request.Mount, request.Name),
            cancellation);
    }

    public Task<StartContainerResponse> StartContainer(StartContainerRequest request, CancellationToken cancellation) => RunAsync(
        new Requests.StartContainer(request.ContainerId),
        request.ContainerId,
        async _ =>
        {
            foreach (MountPlan mount in unshielded ? [] : ContainerManager.Folders(containers.Get(request.ContainerId)))
            {
                await containers.ConnectAsync(Shielded.Decide<SharedVolumePlan>(new Requests.FileOpen(mount.VolumeName), request.ContainerId));
            }

            return new StartContainerResponse { Pid = (uint)await containers.StartAsync(request.ContainerId) };
        },
        () => new SimplePlan(DecisionPoint.StartContainer) as Plan,
        cancellation);

    public async Task<DeleteContainerResponse> DeleteContainer(DeleteContainerRequest request, CancellationToken cancellation)
    {
        string id = request.ContainerId, execId = request.ExecId;

        // What the host may know of the end is decided while the process is still known.
        ExitDisclosure disclosure = Disclosure(id, execId);
        Processes.ExitInfo exit = await RunAsync(
            new Requests.DeleteContainer(id, execId, request.Force),
            id,
            _ => execId.Length == 0 ? containers.DeleteAsync(id, request.Force) : containers.DeleteExecAsync(id, execId, request.Force),
            () => new SimplePlan(DecisionPoint.DeleteContainer) as Plan,
            cancellation);
        return new DeleteContainerResponse { ExitStatus = (uint)Disclosed(exit.Status, disclosure), ExitedAtUnixNs = exit.UnixNs };
    }

    /// <summary>A piece that fits no file is refused before there is a whole one to decide about, and stands in the audit like it.</summary>
    private (ReadOnlyMemory<byte> Content, byte[] Sha256)? Taken(HostFileStore files, PutFileRequest piece)
    {
        try
        {
            return files.Put(piece);
        }
        catch (TtrpcException e)
        {
            shield?.Audit.Add(DecisionPoint.PutFile, isPermitted: false, piece.ContainerId, "PutFile.piece", e.Message);
            throw;
        }
    }

    /// <summary>No secret, no start: whatever the policy lists has to be there before anything is made.</summary>
    private async Task<ReleasedSecrets> ReleasedAsync(string subject, CancellationToken cancellation)
    {
        try
        {
            return provisioner is { } source ? await source.GetAsync(cancellation) : ReleasedSecrets.None;
        }
        catch (ProvisioningException e)
        {
            throw Shielded.NotReleased(subject, e.Message);
        }
    }

    /// <summary>A sealed value that does not open stops the creation; why is told and written as of anything that could not be carried out.</summary>
    private Blueprint Opened(ContainerPlan plan, ReleasedSecrets released)
    {
        try
        {
            bool hasOwners = !Shielded.Policy.Owners.IsEmpty;
            return Blueprint.Of(plan, released, sealedValues) with { Sealer = hasOwners ? sealer : null, KeepsLog = hasOwners };
        }
        catch (InvalidDataException e)
        {
            throw Failures.Internal(e.Message);
        }
    }

    /// <summary>Without the network's rules nothing runs.</summary>
    private async Task NetworkAsync(CancellationToken cancellation)
    {
        try
        {
            await networkReady.WaitAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Net.Sockets.SocketException)
        {
            throw new TtrpcException(TtrpcStatus.Internal, $"the pod's network could not be made: {e.Message}");
        }
    }

    private static Blueprint HostBlueprint(string id, RootHash root, byte[] spec) =>
#if PAVISE_DEVELOPMENT
        UnshieldedConfig.Blueprint(id, root, spec);
#else
        throw new TtrpcException(TtrpcStatus.Unimplemented, "this guest image has no unshielded mode");
#endif

    /// <summary>Bytes of the host become a typed value here, once; malformed ones get an error that names the field.</summary>
    private static T Parsed<T>(Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (OciFormatException e)
        {
            throw new TtrpcException(TtrpcStatus.InvalidArgument, e.Message);
        }
    }

    private static Stdio Described(StdioPlan stdio) => new()
    {
        Stdin = stdio.Stdin == StreamTarget.Host,
        Stdout = stdio.Stdout != StreamTarget.None,
        Stderr = stdio.Stderr != StreamTarget.None && !stdio.Terminal,
        Terminal = stdio.Terminal,
    };
}
