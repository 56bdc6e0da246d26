using System.Text;
using Pavise.Attestation;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Snp;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Collateral.Tests;

/// <summary>AMD's service and the cache before it, against a local server.</summary>
public sealed class AmdTests : IDisposable
{
    private readonly VendorServer _server = new();
    private readonly HttpClient _client = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-collateral-").FullName;

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static LaunchEvidence Evidence(SnpScene scene) => LaunchEvidence.Parse(TeeKind.Snp, scene.Sign());

    private static string Vcek(SnpScene scene) => scene.Product == SnpProduct.Turin
        ? $"/vcek/v1/Turin/{Convert.ToHexStringLower(scene.ChipId.AsSpan(0, 8))}?fmcSPL=01&blSPL=03&teeSPL=00&snpSPL=08&ucodeSPL=115"
        : $"/vcek/v1/{scene.Product}/{Convert.ToHexStringLower(scene.ChipId)}?blSPL=03&teeSPL=00&snpSPL=08&ucodeSPL=115";

    private void Serve(SnpScene scene, byte[]? crl = null)
    {
        _server.Answers[Vcek(scene)] = (scene.Leaf, []);
        _server.Answers[$"/vcek/v1/{scene.Product}/cert_chain"] = (Encoding.ASCII.GetBytes(Pem.Write(scene.Chain.Ask, scene.Chain.Ark)), []);
        _server.Answers[$"/vcek/v1/{scene.Product}/crl"] = (crl ?? scene.Crls[0], []);
    }

    private static bool Accepts(SnpScene scene, VerificationCollateral collateral, DateTimeOffset? at = null) =>
        EvidenceVerifier.Authenticate(Evidence(scene), collateral, at ?? SnpScene.Now, scene.Roots).Appraise(scene.Requirements).Accepted;

    [Theory]
    [InlineData(SnpProduct.Milan, 3u)]
    [InlineData(SnpProduct.Genoa, 5u)]
    [InlineData(SnpProduct.Turin, 5u)]
    public async Task What_the_service_gives_verifies_the_report_that_it_was_asked_for(SnpProduct product, uint version)
    {
        SnpScene scene = new(product, version);
        Serve(scene);
        Assert.True(Accepts(scene, await new AmdKeyService(_client, _server.Address).FindAsync(CollateralRequest.For(Evidence(scene))!, default)));
    }

    [Fact]
    public async Task A_report_that_does_not_name_its_processor_is_looked_up_under_each_generation_that_it_can_be_of()
    {
        SnpScene scene = new(SnpProduct.Genoa, 2);
        Serve(scene);
        Assert.True(Accepts(scene, await new AmdKeyService(_client, _server.Address).FindAsync(CollateralRequest.For(Evidence(scene))!, default)));
        Assert.StartsWith("/vcek/v1/Milan/", _server.Asked[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task For_a_VLEK_only_chain_and_list_are_asked()
    {
        SnpScene scene = new(SnpProduct.Milan, 3, vlek: true);
        _server.Answers["/vlek/v1/Milan/cert_chain"] = (Encoding.ASCII.GetBytes(Pem.Write(scene.Chain.Asvk, scene.Chain.Ark)), []);
        _server.Answers["/vlek/v1/Milan/crl"] = (scene.Crls[0], []);
        VerificationCollateral collateral = await new AmdKeyService(_client, _server.Address).FindAsync(CollateralRequest.For(Evidence(scene))!, default);
        Assert.Equal(2, _server.Asked.Count);
        Assert.False(Accepts(scene, collateral));
        Assert.True(Accepts(scene, collateral with { SnpCertificates = [.. collateral.SnpCertificates, scene.Leaf] }));
    }

    [Theory]
    [InlineData(404, "404")]
    [InlineData(429, "limits requests")]
    public async Task A_refusal_of_the_service_is_told(int status, string text)
    {
        _server.Status = status;
        CollateralException e = await Assert.ThrowsAsync<CollateralException>(() => new AmdKeyService(_client, _server.Address).FindAsync(CollateralRequest.For(Evidence(new()))!, default));
        Assert.Contains(text, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_down_or_answers_without_end_is_told()
    {
        SnpScene scene = new();
        _server.Answers[Vcek(scene)] = (new byte[Pavise.Attestation.AttestationLimits.CrlBytes + 1], []);
        await Assert.ThrowsAsync<CollateralException>(() => new AmdKeyService(_client, _server.Address).FindAsync(CollateralRequest.For(Evidence(scene))!, default));
        Uri address = _server.Address;
        _server.Dispose();
        await Assert.ThrowsAsync<CollateralException>(() => new AmdKeyService(_client, address).FindAsync(CollateralRequest.For(Evidence(scene))!, default));
    }

    [Fact]
    public async Task The_cache_asks_once_and_again_when_the_list_is_stale()
    {
        SnpScene scene = new();
        Serve(scene);
        FixedTime time = new(SnpScene.Now);
        CollateralCache cache = new(Path.Combine(_folder, "cache"), new AmdKeyService(_client, _server.Address), time, scene.Roots);
        CollateralRequest request = CollateralRequest.For(Evidence(scene))!;
        Assert.True(Accepts(scene, await cache.FindAsync(request, default)));
        Assert.True(Accepts(scene, await cache.FindAsync(request, default)));
        Assert.Equal(3, _server.Asked.Count);

        time.Now = SnpScene.Now.AddDays(40);
        Assert.False(Accepts(scene, await cache.FindAsync(request, default), time.Now));
        Assert.Equal(6, _server.Asked.Count);
        Serve(scene, scene.Chain.Crl(time.Now.AddDays(-1), time.Now.AddDays(30)));
        Assert.True(Accepts(scene, await cache.FindAsync(request, default), time.Now));
        Assert.Equal(9, _server.Asked.Count);
        Assert.True(Accepts(scene, await cache.FindAsync(request, default), time.Now));
        Assert.Equal(9, _server.Asked.Count);
    }

    [Fact]
    public async Task What_the_cache_has_is_given_when_the_service_is_down_and_another_chip_is_asked_for()
    {
        SnpScene scene = new(), other = new();
        Serve(scene);
        string folder = Path.Combine(_folder, "cache");
        FixedTime time = new(SnpScene.Now);
        await new CollateralCache(folder, new AmdKeyService(_client, _server.Address), time, scene.Roots).FindAsync(CollateralRequest.For(Evidence(scene))!, default);
        _server.Answers.Clear();
        CollateralCache cache = new(folder, new AmdKeyService(_client, _server.Address), time, scene.Roots);
        Assert.True(Accepts(scene, await cache.FindAsync(CollateralRequest.For(Evidence(scene))!, default)));
        Assert.False(Accepts(other, await cache.FindAsync(CollateralRequest.For(Evidence(other))!, default)));
        await Assert.ThrowsAsync<CollateralException>(() => new CollateralCache(Path.Combine(_folder, "empty"), new AmdKeyService(_client, _server.Address), time, scene.Roots).FindAsync(CollateralRequest.For(Evidence(scene))!, default));
    }

    [Fact]
    public async Task A_folder_of_given_files_is_read_by_content()
    {
        SnpScene scene = new();
        File.WriteAllBytes(Path.Combine(_folder, "a"), scene.Leaf);
        File.WriteAllText(Path.Combine(_folder, "b.txt"), Pem.Write(scene.Chain.Ask, scene.Chain.Ark));
        File.WriteAllBytes(Path.Combine(_folder, "c"), scene.Crls[0]);
        File.WriteAllText(Path.Combine(_folder, "README"), "text");
        File.WriteAllBytes(Path.Combine(_folder, "broken.der"), scene.Leaf[..100]);
        CollateralFolder folder = CollateralFolder.Open(_folder);
        Assert.Equal(["README", "broken.der"], folder.Ignored);
        Assert.True(Accepts(scene, await folder.FindAsync(CollateralRequest.For(Evidence(scene))!, default)));
        Assert.Throws<CollateralException>(() => CollateralFolder.Open(Path.Combine(_folder, "missing")));
    }

    [Fact]
    public async Task Several_sources_complete_each_other_and_a_failure_is_told_only_when_nothing_is_found()
    {
        SnpScene scene = new();
        File.WriteAllBytes(Path.Combine(_folder, "leaf"), scene.Leaf);
        AmdKeyService down = new(_client, _server.Address);
        CollateralRequest request = CollateralRequest.For(Evidence(scene))!;
        VerificationCollateral found = await new SeveralSources(CollateralFolder.Open(_folder), down).FindAsync(request, default);
        Assert.Single(found.SnpCertificates);
        await Assert.ThrowsAsync<CollateralException>(() => new SeveralSources(down).FindAsync(request, default));
    }

    [Fact]
    public async Task A_false_answer_refuses_once_and_is_not_kept()
    {
        SnpScene scene = new(), other = new(SnpProduct.Genoa);
        FixedTime time = new(SnpScene.Now);
        CollateralCache cache = new(Path.Combine(_folder, "cache"), new AmdKeyService(_client, _server.Address), time, scene.Roots);
        CollateralRequest request = CollateralRequest.For(Evidence(scene))!;
        byte[] forged = [.. scene.Chain.Crl(SnpScene.Now, SnpScene.Now.AddYears(50), AmdChain.AskSerial)];
        forged[^1] ^= 1;
        Serve(scene, forged);
        Assert.False(Accepts(scene, await cache.FindAsync(request, default)));
        _server.Answers[Vcek(scene)] = (other.Leaf, []);
        Assert.False(Accepts(scene, await cache.FindAsync(request, default)));
        Serve(scene);
        Assert.True(Accepts(scene, await cache.FindAsync(request, default)));
        Assert.True(Accepts(scene, await CollateralFolder.Open(Directory.GetDirectories(Path.Combine(_folder, "cache"))).FindAsync(request, default)));
    }

    [Fact]
    public async Task An_older_list_that_is_still_fresh_does_not_take_the_place_of_a_newer_one()
    {
        SnpScene scene = new(), second = new();
        FixedTime time = new(SnpScene.Now);
        CollateralCache cache = new(Path.Combine(_folder, "cache"), new AmdKeyService(_client, _server.Address), time, scene.Roots);
        Serve(scene, scene.Chain.Crl(SnpScene.Now.AddDays(-1), SnpScene.Now.AddDays(30), AmdChain.AskSerial));
        Assert.False(Accepts(scene, await cache.FindAsync(CollateralRequest.For(Evidence(scene))!, default)));
        Serve(second, second.Chain.Crl(SnpScene.Now.AddDays(-2), SnpScene.Now.AddDays(29)));
        Assert.False(Accepts(second, await cache.FindAsync(CollateralRequest.For(Evidence(second))!, default)));
    }

    [Fact]
    public async Task For_evidence_that_brings_its_certificate_no_chip_is_asked_for_and_the_shared_parts_once()
    {
        SnpScene first = new(), second = new();
        Serve(first);
        _server.Answers.Remove(Vcek(first));
        CollateralCache cache = new(Path.Combine(_folder, "cache"), new AmdKeyService(_client, _server.Address), new FixedTime(SnpScene.Now), first.Roots);
        foreach (SnpScene scene in new[] { first, second, first })
        {
            LaunchEvidence evidence = LaunchEvidence.Parse(TeeKind.Snp, scene.Sign(), [scene.Leaf]);
            VerificationCollateral collateral = await cache.FindAsync(CollateralRequest.For(evidence)!, default);
            Assert.True(EvidenceVerifier.Authenticate(evidence, collateral, SnpScene.Now, scene.Roots).Appraise(scene.Requirements).Accepted);
        }

        Assert.Equal(["/vcek/v1/Milan/cert_chain", "/vcek/v1/Milan/crl"], _server.Asked);
    }

    [Fact]
    public async Task A_certificate_of_another_chip_in_the_evidence_is_not_taken_for_its_own()
    {
        SnpScene scene = new(), other = new();
        Serve(scene);
        LaunchEvidence evidence = LaunchEvidence.Parse(TeeKind.Snp, scene.Sign(), [other.Leaf]);
        VerificationCollateral collateral = await new AmdKeyService(_client, _server.Address).FindAsync(CollateralRequest.For(evidence)!, default);
        Assert.True(EvidenceVerifier.Authenticate(evidence, collateral, SnpScene.Now, scene.Roots).Appraise(scene.Requirements).Accepted);
    }
}
