using Pavise.Attestation;
using Pavise.Attestation.Collateral;
using Pavise.Collateral;
using Pavise.KeyBroker.Admin;
using Pavise.KeyBroker.Auditing;
using Pavise.KeyBroker.Configuration;
using Pavise.KeyBroker.Guests;
using Pavise.KeyBroker.Mesh;
using Pavise.KeyBroker.Metrics;
using Pavise.KeyBroker.Rules;
using Pavise.KeyBroker.Sealing;
using Pavise.KeyBroker.Sessions;
using Pavise.KeyBroker.Store;
using Pavise.KeyBroker.Store.Sqlite;

namespace Pavise.KeyBroker;

/// <summary>Everything that a broker consists of but its listeners.</summary>
internal sealed class BrokerParts : IAsyncDisposable
{
    private BrokerParts(BrokerConfiguration configuration, TimeProvider clock, IBrokerStore store, Vault vault, TokenKeys keys, MeshAuthority mesh, ICollateralSource collateral, Authenticate authenticate, ILoggerFactory logs)
    {
        (Configuration, Clock, Store, Vault, Keys, Mesh) = (configuration, clock, store, vault, keys, mesh);
        Sessions = new(clock);
        Metrics = new(Sessions);
        Rules = new(store);
        Rules.Reload();
        Audit = new(store, vault, clock, logs.CreateLogger<AuditLog>());
        Access = new(configuration);
        Refusals = new(clock);
        FoldedRefusals = new(Refusals, Audit, clock);
        Releases = new(store, vault, Audit, Refusals, Rules, Metrics, clock);
        Judge = new(collateral, configuration, clock, authenticate);
        Status = new(store, Audit, Sessions, Rules, clock);
    }

    public BrokerConfiguration Configuration { get; }

    public TimeProvider Clock { get; }

    public IBrokerStore Store { get; }

    public Vault Vault { get; }

    public TokenKeys Keys { get; }

    public MeshAuthority Mesh { get; }

    public SessionTable Sessions { get; }

    public BrokerMetrics Metrics { get; }

    public RuleBook Rules { get; }

    public AuditLog Audit { get; }

    public RefusalBudget Refusals { get; }

    public FoldedRefusalsWriter FoldedRefusals { get; }

    public AdminAccess Access { get; }

    public ReleaseService Releases { get; }

    public EvidenceJudge Judge { get; }

    public StatusAdmin Status { get; }

    /// <summary>Opens everything. Evidence is believed under the vendors' pinned roots.</summary>
    /// <exception cref="BrokerSetupException">What is wrong: master key, database, collateral.</exception>
    public static Task<BrokerParts> OpenAsync(BrokerConfiguration configuration, byte[] masterKey, TimeProvider clock, ILoggerFactory logs) =>
        OpenAsync(configuration, masterKey, clock, logs, EvidenceVerifier.Authenticate);

    /// <summary>The same with another way to examine the origin of evidence: for tests with platforms of their own making, whose roots no product believes.</summary>
    internal static async Task<BrokerParts> OpenAsync(BrokerConfiguration configuration, byte[] masterKey, TimeProvider clock, ILoggerFactory logs, Authenticate authenticate)
    {
        ICollateralSource collateral = CollateralOf(configuration, clock);
        SqliteStore store = SqliteStore.Open(configuration.Database);
        try
        {
            Vault vault = await Vault.OpenAsync(store, masterKey);
            return new(configuration, clock, store, vault, await TokenKeys.OpenAsync(store, vault), await MeshAuthority.OpenAsync(store, vault, clock), collateral, authenticate, logs);
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await FoldedRefusals.DisposeAsync();
        Status.Dispose();
        Metrics.Dispose();
        await Store.DisposeAsync();
        Keys.Dispose();
        Mesh.Dispose();
        Vault.Dispose();
    }

    private static ICollateralSource CollateralOf(BrokerConfiguration configuration, TimeProvider clock)
    {
        try
        {
            if (!configuration.CollateralOnline)
            {
                return configuration.Collateral is { } given ? CollateralFolder.Open(given) : new NoCollateral();
            }

            HttpClient client = new() { Timeout = TimeSpan.FromSeconds(20) };
            SeveralSources services = new(new AmdKeyService(client, AmdKeyService.Amd), new IntelProvisioningService(client, IntelProvisioningService.Intel, IntelProvisioningService.IntelRootCrl));
            return new CollateralCache(configuration.Collateral ?? Path.Combine(configuration.Folder, "collateral"), services, clock);
        }
        catch (CollateralException e)
        {
            throw new BrokerSetupException(e.Message, e);
        }
    }

    private sealed class NoCollateral : ICollateralSource
    {
        public Task<VerificationCollateral> FindAsync(CollateralRequest request, CancellationToken cancellation) => Task.FromResult(VerificationCollateral.None);
    }
}
