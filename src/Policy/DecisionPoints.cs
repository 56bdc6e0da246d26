using System.Collections.Immutable;
using Pavise.Policy.Requests;

namespace Pavise.Policy;

/// <summary>Who asks whom.</summary>
internal enum Direction
{
    /// <summary>The host asks the guest.</summary>
    HostToGuest,
    /// <summary>An owner asks in a session.</summary>
    Owner,
    /// <summary>The guest asks the host.</summary>
    GuestToHost,
}

/// <summary>One kind of request at which the shield decides.</summary>
/// <param name="Point">Decision point.</param>
/// <param name="Request">Its request.</param>
/// <param name="Direction">Who asks whom.</param>
/// <param name="Rules">Ids of the rules that can refuse it, <c>ending</c> (the pVM goes down) left out.</param>
/// <param name="Built">Whether this version can permit it at all.</param>
internal sealed record DecisionPointRow(DecisionPoint Point, Type Request, Direction Direction, ImmutableArray<string> Rules, bool Built = true);

/// <summary>
/// The table of decision points. To add one: a member of <see cref="DecisionPoint"/>, a request, rules, a row here, a refusing test, a row in
/// docs/decision-points.md; tests ask for each.
/// </summary>
internal static class DecisionPoints
{
    public static ImmutableArray<DecisionPointRow> All { get; } =
    [
        Host<Bind>(DecisionPoint.Bind),
        Host<ConfigureSandbox>(DecisionPoint.ConfigureSandbox),
        Host<AttachImage>(DecisionPoint.AttachImage),
        Host<CreateContainer>(DecisionPoint.CreateContainer),
        Host<StartContainer>(DecisionPoint.StartContainer),
        Host<ExecProcess>(DecisionPoint.ExecProcess),
        Host<SignalProcess>(DecisionPoint.SignalProcess),
        Host<OpenStream>(DecisionPoint.OpenStream),
        Host<CloseStdin>(DecisionPoint.CloseStdin),
        Host<ResizeTerminal>(DecisionPoint.ResizeTerminal),
        Host<WaitProcess>(DecisionPoint.WaitProcess),
        Host<ListProcesses>(DecisionPoint.ListProcesses),
        Host<ReadStats>(DecisionPoint.ReadStats),
        Host<SubscribeEvents>(DecisionPoint.SubscribeEvents),
        Host<PauseContainer>(DecisionPoint.PauseContainer),
        Host<ResumeContainer>(DecisionPoint.ResumeContainer),
        Host<UpdateResources>(DecisionPoint.UpdateResources),
        Host<PutFile>(DecisionPoint.PutFile),
        Host<AttachVolume>(DecisionPoint.AttachVolume),
        Host<SetClock>(DecisionPoint.SetClock),
        Host<DeleteContainer>(DecisionPoint.DeleteContainer),
        Host<Checkpoint>(DecisionPoint.Checkpoint, built: false),
        Host<Shutdown>(DecisionPoint.Shutdown),
        Host<OpenSession>(DecisionPoint.OpenSession),
        Owner<OwnerExec>(DecisionPoint.OwnerExec),
        Owner<OwnerAttach>(DecisionPoint.OwnerAttach),
        Owner<OwnerLogs>(DecisionPoint.OwnerLogs),
        Owner<OwnerCopyIn>(DecisionPoint.OwnerCopyIn),
        Owner<OwnerCopyOut>(DecisionPoint.OwnerCopyOut),
        Owner<OwnerForward>(DecisionPoint.OwnerForward),
        Owner<OwnerProcesses>(DecisionPoint.OwnerProcesses),
        Owner<OwnerStats>(DecisionPoint.OwnerStats),
        Owner<OwnerAudit>(DecisionPoint.OwnerAudit),
        Call<NetResolve>(DecisionPoint.NetResolve),
        Call<NetConnect>(DecisionPoint.NetConnect),
        Call<NetListen>(DecisionPoint.NetListen),
        Call<NetAccept>(DecisionPoint.NetAccept),
        Call<NetDatagram>(DecisionPoint.NetDatagram, built: false),
        Call<FileOpen>(DecisionPoint.FileOpen),
        Unbuilt<BrokerCall>(DecisionPoint.BrokerCall, Direction.GuestToHost),
        Unbuilt<TeeReport>(DecisionPoint.TeeReport, Direction.GuestToHost),
        Unbuilt<ClockRead>(DecisionPoint.ClockRead, Direction.GuestToHost),
    ];

    private static DecisionPointRow Host<TRequest>(DecisionPoint point, bool built = true) where TRequest : Request =>
        new(point, typeof(TRequest), Direction.HostToGuest, [.. Engine.PolicyEngine.RuleIds.Where(id => id.StartsWith(point + ".", StringComparison.Ordinal))], built);

    private static DecisionPointRow Owner<TRequest>(DecisionPoint point) where TRequest : OwnerRequest => Host<TRequest>(point) with { Direction = Direction.Owner };

    private static DecisionPointRow Call<TRequest>(DecisionPoint point, bool built = true) where TRequest : HostCallRequest => Host<TRequest>(point, built) with { Direction = Direction.GuestToHost };

    private static DecisionPointRow Unbuilt<TRequest>(DecisionPoint point, Direction direction) where TRequest : Request => new(point, typeof(TRequest), direction, [], false);
}
