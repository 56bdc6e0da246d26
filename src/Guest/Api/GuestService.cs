using System.Net.Sockets;
using Pavise.Attestation;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Boot;
using Pavise.Guest.Broker;
using Pavise.Guest.Containers;
using Pavise.Guest.Evidence;
using Pavise.Guest.Images;
using Pavise.Guest.Keys;
using Pavise.Guest.Secrets;
using Pavise.Guest.Shield;
using Pavise.Guest.Streams;
using Pavise.Guest.Volumes;
using Pavise.Policy.Model;
using Pavise.Policy.Plans;
using Request = Pavise.Policy.Requests.Request;
using Requests = Pavise.Policy.Requests;

namespace Pavise.Guest.Api;

/// <summary>The guest API. Each method parses once, asks the shield, and hands its plan to an executor.</summary>
internal sealed partial class GuestService : IGuestService
{
    private readonly GuestEnvironment environment;
    private readonly IEvidenceSource? evidence;
    private readonly IRootImages images;
    private readonly ContainerManager containers;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim bindTurn = new(1, 1);
    private readonly Func<BrokerDuties, IProvisioner?> provision;
    private readonly EncryptedVolumes volumes;
    private volatile PolicyShield? shield;
    private volatile Lazy<BootKey>? bootKey;
    private volatile IProvisioner? provisioner;
    private volatile SealedValues sealedValues = SealedValues.None;
    private readonly Func<PolicyShield?, Task>? network;
    private volatile Task networkReady = Task.CompletedTask;
    private volatile LogSealer? sealer;
    private volatile bool ending;
#if PAVISE_DEVELOPMENT
    private volatile bool unshielded;
#else
    private static bool unshielded => false;
#endif

    /// <param name="environment">Where the guest runs.</param>
    /// <param name="evidence">What attests the launch; null when nothing does.</param>
    /// <param name="images">The opened root images.</param>
    /// <param name="containers">Who carries plans out.</param>
    /// <param name="provision">Begins what a policy has to do with its key broker; null where it names none.</param>
    /// <param name="time">The clock.</param>
    /// <param name="network">Makes the network of a pod that has a policy, and closes the kernel for modules; null where there is neither.</param>
    /// <param name="volumes">The encrypted volumes; null for none.</param>
    public GuestService(GuestEnvironment environment, IEvidenceSource? evidence, IRootImages images, ContainerManager containers, Func<BrokerDuties, IProvisioner?> provision, TimeProvider time, Func<PolicyShield?, Task>? network = null, EncryptedVolumes? volumes = null)
    {
        this.network = network;
        this.volumes = volumes ?? new EncryptedVolumes(environment);
        this.provision = provision;
        this.environment = environment;
        this.evidence = evidence;
        this.images = images;
        this.containers = containers;
        this.time = time;
        containers.Exited += OnExited;
    }

    /// <summary>Why nothing but Bind is answered; null once it has succeeded, and again not null when the pVM ends.</summary>
    public TtrpcException? Closed =>
        ending ? new TtrpcException(TtrpcStatus.Unavailable, "the pVM is ending")
        : IsBound ? null
        : new TtrpcException(TtrpcStatus.FailedPrecondition, "no policy is bound yet; only Bind is answered");

    /// <summary>This boot's key, once a policy is bound; null before, and in unshielded mode, where nothing is attested.</summary>
    public BootKey? Key => bootKey?.Value;

    private bool IsBound => unshielded || shield is not null;

    public async Task<BindResponse> Bind(BindRequest request, CancellationToken cancellation)
    {
        await bindTurn.WaitAsync(cancellation);
        try
        {
            if (IsBound)
            {
                throw new TtrpcException(TtrpcStatus.FailedPrecondition, "a policy is already bound; a new policy is a new launch");
            }

            if (request.Unshielded)
            {
                await BindUnshieldedAsync(cancellation);
            }
            else
            {
                await BindPolicyAsync(request.Policy.ToByteArray(), cancellation);
            }

            BindResponse response = new() { Flavour = GuestEnvironment.Flavour, GuestVersion = GuestEnvironment.Version, Shielded = !unshielded };
#if PAVISE_DEVELOPMENT
            (response.BounceStart, response.BounceLength) = environment.IsVm ? BouncePool.Find() : default;
#endif
            return response;
        }
        finally
        {
            bindTurn.Release();
        }
    }

    private async Task BindPolicyAsync(byte[] policy, CancellationToken cancellation)
    {
        await RequireBoundAsync(policy, cancellation);
        PolicyDocument document;
        try
        {
            document = PolicyDocument.ParseCanonical(policy);
        }
        catch (PolicyFormatException e)
        {
            // The owner bound bytes that are no policy: nothing can run, and saying why costs nothing, since the host knows the bytes.
            throw new TtrpcException(TtrpcStatus.InvalidArgument, $"the bound bytes are not a policy: {e.Message}");
        }

        PolicyShield bound = new(document, new AuditLog(time));
        bootKey = new(() => new BootKey(new LaunchQuestions(evidence!, PolicyDigest.OfPolicy(policy))));
        shield = await bound.RunAsync(
            new Requests.Bind(Unshielded: false, DevelopmentGuest: GuestEnvironment.Flavour == "development") { Tee = evidence!.Tee.Name() },
            "",
            (Plan _) =>
            {
                // Only for a launch that the policy accepts, and before anybody can create something.
                containers.Events.Tells = kind => Tells(kind, document.Host.Stats);
                networkReady = network?.Invoke(bound) ?? Task.CompletedTask;
                containers.Events.ToldStatus = (container, exec, status) => Disclosed(status, Disclosure(container, exec));
                sealedValues = new SealedValues(document);
                sealer = new LogSealer(document, () => Key!, time);
                provisioner = provision(new BrokerDuties(document, now => TakeTimeAsync(bound, now), () => bound.Audit.HeadOf(Key!.Id)));
                return Task.FromResult(bound);
            },
            cancellation);
    }

    private Task TakeTimeAsync(PolicyShield bound, DateTimeOffset now) => bound.TakeTimeAsync(new ClockPlan(UnixTime.Ns(now)) { ElapsedNs = UnixTime.MonotonicNs(time) }, Execute);

    /// <summary>A difference ends the pVM. An answer that does not come leaves the door closed: the host may ask again.</summary>
    private async Task RequireBoundAsync(ReadOnlyMemory<byte> policy, CancellationToken cancellation)
    {
        try
        {
            if (await PolicyBinding.CheckAsync(evidence, policy, cancellation) is { } difference)
            {
                Fatal.Stop($"bind: {difference}");
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or SocketException)
        {
            throw new TtrpcException(TtrpcStatus.Unavailable, "no evidence came from the host");
        }
    }

    private async Task BindUnshieldedAsync(CancellationToken cancellation)
    {
#if PAVISE_DEVELOPMENT
        await RequireBoundAsync(ReadOnlyMemory<byte>.Empty, cancellation);
        networkReady = network?.Invoke(null) ?? Task.CompletedTask;
        unshielded = true;
#else
        await Task.CompletedTask;
        cancellation.ThrowIfCancellationRequested();
        throw new TtrpcException(TtrpcStatus.Unimplemented, "this guest image has no unshielded mode");
#endif
    }

    /// <summary>The shield, once bound.</summary>
    /// <exception cref="TtrpcException">The door is still closed.</exception>
    private PolicyShield Shielded => shield ?? throw Closed ?? new TtrpcException(TtrpcStatus.Unimplemented, "there is no policy in unshielded mode");

    /// <summary>Decides, carries out, changes the state. In unshielded mode the host's own plan is carried out.</summary>
    private Task<TResult> RunAsync<TPlan, TResult>(Request request, string subject, Func<TPlan, Task<TResult>> execute, Func<TPlan> hostPlan, CancellationToken cancellation) where TPlan : Plan =>
        unshielded ? execute(hostPlan()) : Shielded.RunAsync(request, subject, execute, cancellation);

    /// <summary>Decides a request that changes no state.</summary>
    private TPlan Decide<TPlan>(Request request, string subject, Func<TPlan> hostPlan) where TPlan : Plan =>
        unshielded ? hostPlan() : Shielded.Decide<TPlan>(request, subject);

    private void OnExited(string containerId, string execId, int exitStatus)
    {
        if (shield is { } bound)
        {
            _ = bound.ExitedAsync(containerId, execId, exitStatus);
        }
    }
}
