using System.Text;
using Pavise.Attestation;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Tests;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Collateral.Tests;

/// <summary>Intel's service and the cache before it, against a local server.</summary>
public sealed class IntelTests : IDisposable
{
    private const string Info = "/tdx/certification/v4/tcb?fmspc=50806f000000", Identity = "/tdx/certification/v4/qe/identity", Pck = "/sgx/certification/v4/pckcrl?ca=platform&encoding=der", Root = "/root.der";

    private readonly VendorServer _server = new();
    private readonly HttpClient _client = new();
    private readonly TdxScene _scene = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-collateral-").FullName;

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _scene.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private IntelProvisioningService Service => new(_client, _server.Address, new(_server.Address, "root.der"));

    private CollateralRequest Request => CollateralRequest.For(LaunchEvidence.Parse(TeeKind.Tdx, _scene.Quote()))!;

    private void Serve(TdxCollateral collateral)
    {
        string Header(ReadOnlyMemory<byte> chain) => Uri.EscapeDataString(Encoding.ASCII.GetString(chain.Span));
        _server.Answers[Info] = (collateral.TcbInfo.ToArray(), [("TCB-Info-Issuer-Chain", Header(collateral.TcbInfoChain))]);
        _server.Answers[Identity] = (collateral.QeIdentity.ToArray(), [("SGX-Enclave-Identity-Issuer-Chain", Header(collateral.QeIdentityChain))]);
        _server.Answers[Pck] = (collateral.PckCrl.ToArray(), [("SGX-PCK-CRL-Issuer-Chain", Header(System.Text.Encoding.ASCII.GetBytes(Attestation.Certificates.Pem.Write(_scene.Platform.Ca, _scene.Platform.Root))))]);
        _server.Answers[Root] = (collateral.RootCrl.ToArray(), []);
    }

    private bool Accepts(VerificationCollateral collateral) => _scene.Verify(null, collateral.Tdx).Accepted;

    [Fact]
    public async Task What_the_service_gives_verifies_the_quote_that_it_was_asked_for()
    {
        Serve(_scene.Collateral());
        Assert.True(Accepts(await Service.FindAsync(Request, default)));
        Assert.Equal([Info, Identity, Pck, Root], _server.Asked);
    }

    [Fact]
    public async Task An_answer_without_its_chain_is_told()
    {
        Serve(_scene.Collateral());
        _server.Answers[Info] = (_server.Answers[Info].Body, []);
        Assert.Contains("TCB-Info-Issuer-Chain", (await Assert.ThrowsAsync<CollateralException>(() => Service.FindAsync(Request, default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cache_asks_once_and_again_when_something_is_stale_and_what_it_keeps_is_a_folder_of_files()
    {
        Serve(_scene.Collateral());
        FixedTime time = new(IntelPlatform.Now);
        CollateralCache cache = new(_folder, Service, time, _scene.Platform.Roots);
        Assert.True(Accepts(await cache.FindAsync(Request, default)));
        Assert.True(Accepts(await cache.FindAsync(Request, default)));
        Assert.Equal(4, _server.Asked.Count);
        Assert.True(Accepts(await CollateralFolder.Open(Directory.GetDirectories(_folder)).FindAsync(Request, default)));
        Assert.Empty(CollateralFolder.Open(Directory.GetDirectories(_folder)).Ignored);

        time.Now = IntelPlatform.Now.AddDays(29).AddSeconds(1);
        await cache.FindAsync(Request, default);
        Assert.Equal(8, _server.Asked.Count);
    }

    [Fact]
    public async Task Of_several_platforms_the_collateral_of_the_quotes_own_is_chosen()
    {
        TdxCollateral right = _scene.Collateral();
        File.WriteAllBytes(Path.Combine(_folder, "1.json"), _scene.Platform.Signed("tcbInfo", new TcbInfoText { Fmspc = "112233445566" }.ToString()));
        File.WriteAllBytes(Path.Combine(_folder, "2.json"), right.TcbInfo.ToArray());
        File.WriteAllBytes(Path.Combine(_folder, "3.json"), right.QeIdentity.ToArray());
        File.WriteAllBytes(Path.Combine(_folder, "chain.pem"), right.TcbInfoChain.ToArray());
        File.WriteAllBytes(Path.Combine(_folder, "root.crl"), right.RootCrl.ToArray());
        File.WriteAllBytes(Path.Combine(_folder, "pck.crl"), right.PckCrl.ToArray());
        Assert.True(Accepts(await CollateralFolder.Open(_folder).FindAsync(Request, default)));
        File.Delete(Path.Combine(_folder, "2.json"));
        Assert.Contains(CheckNames.TdxTcbInfoPlatform, _scene.Verify(null, (await CollateralFolder.Open(_folder).FindAsync(Request, default)).Tdx).Refusals.Select(c => c.Name));
    }

    [Fact]
    public async Task Recorded_collateral_in_a_folder_verifies_the_recorded_quotes()
    {
        Vectors.SkipWithout();
        foreach ((string quote, string folder, DateTimeOffset at) in new[]
        {
            ("tdx/dcap-qvl/tdx_quote", "tdx/dcap-qvl", new DateTimeOffset(2025, 7, 1, 0, 0, 0, TimeSpan.Zero)),
            ("tdx/trustee/tdx_quote_4.dat", "tdx/go-tdx-guest", new DateTimeOffset(2023, 7, 1, 1, 0, 0, TimeSpan.Zero)),
        })
        {
            LaunchEvidence evidence = LaunchEvidence.Parse(TeeKind.Tdx, Vectors.Read(quote));
            VerificationCollateral collateral = await CollateralFolder.Open(Path.Combine(Vectors.Folder!, folder)).FindAsync(CollateralRequest.For(evidence)!, default);
            EvidenceRequirements lenient = Attestation.Tests.Demands.Lenient with { Tdx = new() { AllowDebug = true } };
            Assert.True(EvidenceVerifier.Verify(evidence, collateral, lenient, at).Accepted, quote);
        }
    }

    [Fact]
    public void The_simulated_kind_needs_no_collateral() => Assert.Null(CollateralRequest.For(LaunchEvidence.Parse(TeeKind.Simulated, new SnpScene().Sign())));

    [Fact]
    public async Task False_answers_refuse_once_and_are_not_kept_and_newer_ones_stay()
    {
        using TdxScene other = new();
        FixedTime time = new(IntelPlatform.Now);
        CollateralCache cache = new(_folder, Service, time, _scene.Platform.Roots);
        Serve(other.Collateral());
        Assert.False(Accepts(await cache.FindAsync(Request, default)));
        Assert.Empty(Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories));
        Serve(_scene.Collateral());
        Assert.True(Accepts(await cache.FindAsync(Request, default)));

        // The service now gives an older evaluation, which is still fresh, while the list is due.
        TcbInfoText old = new() { Issued = IntelPlatform.Now.AddDays(-10), Evaluation = 16 };
        _server.Answers[Info] = (_scene.Platform.Signed("tcbInfo", old.ToString()), _server.Answers[Info].Headers);
        File.Delete(Directory.GetFiles(Path.Combine(_folder, "shared"), "crl-*")[0]);
        VerificationCollateral found = await cache.FindAsync(Request, default);
        Assert.Equal(17u, EvidenceVerifier.Authenticate(LaunchEvidence.Parse(TeeKind.Tdx, _scene.Quote()), found, _scene.At, _scene.Platform.Roots).Claims.Platform!.TcbInfoEvaluation);
    }
}
