using Pavise.Attestation.Tdx;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Attestation.Tests;

/// <summary>How collateral judges a platform: levels, module, quoting enclave, revocation, freshness.</summary>
public sealed class TcbTests
{
    private static readonly byte[] HighSgx = [5, 5, 2, 2, 3, 1, 0, 3];

    private static TcbStatus? Status(Verdict verdict) => verdict.Claims!.Platform!.Status;

    [Fact]
    public void A_platform_below_the_first_level_has_the_state_and_advisories_of_the_level_that_it_reaches()
    {
        using TdxScene scene = new() { TeeTcbSvn = [4, 0, 5] };
        Verdict verdict = scene.Verify();
        Assert.Equal(TcbStatus.OutOfDate, Status(verdict));
        Assert.Equal(["INTEL-SA-00001"], verdict.Claims!.Platform!.Advisories);
        Assert.Equal([CheckNames.TdxTcbStatus], verdict.Refusals.Select(c => c.Name));
        Assert.True(scene.Verify(r => r with { Statuses = [TcbStatus.UpToDate, TcbStatus.OutOfDate] }).Accepted);
        Assert.Equal([CheckNames.TdxAdvisories], scene.Verify(r => r with { Statuses = [TcbStatus.OutOfDate], Advisories = ["INTEL-SA-00009"] }).Refusals.Select(c => c.Name));
        Assert.True(scene.Verify(r => r with { Statuses = [TcbStatus.OutOfDate], Advisories = ["INTEL-SA-00001"] }).Accepted);
    }

    [Fact]
    public void Each_component_counts()
    {
        for (int i = 0; i < 16; i++)
        {
            byte[] sgx = new byte[16], tdx = new byte[16];
            HighSgx.CopyTo(sgx, 0);
            sgx[i]++;
            tdx[i] = 200;
            using TdxScene bySgx = new() { Info = new() { Levels = [new(sgx, 11, [5, 0, 5], "UpToDate", [])] } };
            Assert.Null(Status(bySgx.Verify()));
            using TdxScene byTdx = new() { Info = new() { Levels = [new(HighSgx, 11, tdx, "UpToDate", [])] } };
            Assert.Null(Status(byTdx.Verify()));
        }

        using TdxScene byPce = new() { Info = new() { Levels = [new(HighSgx, 12, [5, 0, 5], "UpToDate", [])] } };
        Assert.Null(Status(byPce.Verify()));
        byPce.Verify().Has(CheckNames.TdxTcbStatus, CheckStatus.Failed);
    }

    [Theory]
    [InlineData("UpToDate", TcbStatus.UpToDate)]
    [InlineData("SWHardeningNeeded", TcbStatus.SWHardeningNeeded)]
    [InlineData("ConfigurationNeeded", TcbStatus.ConfigurationNeeded)]
    [InlineData("ConfigurationAndSWHardeningNeeded", TcbStatus.ConfigurationAndSWHardeningNeeded)]
    [InlineData("OutOfDate", TcbStatus.OutOfDate)]
    [InlineData("OutOfDateConfigurationNeeded", TcbStatus.OutOfDateConfigurationNeeded)]
    [InlineData("Revoked", TcbStatus.Revoked)]
    public void Only_accepted_states_are_accepted(string name, TcbStatus status)
    {
        using TdxScene scene = new() { Info = new() { Levels = [new(HighSgx, 11, [5], name, [])] } };
        Verdict verdict = scene.Verify();
        Assert.Equal(status, Status(verdict));
        Assert.Equal(status == TcbStatus.UpToDate, verdict.Accepted);
        Assert.True(scene.Verify(r => r with { Statuses = [status] }).Accepted);
    }

    [Fact]
    public void A_module_with_a_version_of_its_own_is_judged_by_its_identity()
    {
        using TdxScene current = new() { TeeTcbSvn = [4, 1, 5] };
        Assert.Equal(TcbStatus.UpToDate, Status(current.Verify()));
        using TdxScene old = new() { TeeTcbSvn = [3, 1, 5] };
        Assert.Equal(TcbStatus.OutOfDate, Status(old.Verify()));
        Assert.Equal(["INTEL-SA-00002"], old.Verify().Claims!.Platform!.Advisories);
        using TdxScene ancient = new() { TeeTcbSvn = [1, 1, 5] };
        ancient.Verify().Has(CheckNames.TdxTcbStatus, CheckStatus.Failed);
        using TdxScene unknown = new() { TeeTcbSvn = [9, 2, 9] };
        unknown.Verify().Has(CheckNames.TdxModule, CheckStatus.Failed);
        using TdxScene foreign = new() { Info = new() { ModuleSigner = new string('1', 96) } };
        Assert.Equal([CheckNames.TdxModule], foreign.Verify().Refusals.Select(c => c.Name));
        using TdxScene attributes = new();
        attributes.Body[112] = 1;
        Assert.Equal([CheckNames.TdxModule], attributes.Verify().Refusals.Select(c => c.Name));
    }

    [Fact]
    public void An_old_quoting_enclave_makes_the_platform_old_and_a_revoked_one_revokes_it()
    {
        using TdxScene old = new();
        old.QeReport[258] = 3;
        Assert.Equal(TcbStatus.OutOfDate, Status(old.Verify()));
        using TdxScene configured = new() { Info = new() { Levels = [new(HighSgx, 11, [5], "ConfigurationNeeded", [])] } };
        configured.QeReport[258] = 3;
        Assert.Equal(TcbStatus.OutOfDateConfigurationNeeded, Status(configured.Verify()));
        using TdxScene revoked = new();
        revoked.QeReport[258] = 1;
        Assert.Equal(TcbStatus.Revoked, Status(revoked.Verify()));
        using TdxScene none = new();
        none.QeReport[258] = 0;
        none.Verify().Has(CheckNames.TdxTcbStatus, CheckStatus.Failed);
    }

    [Fact]
    public void Stale_early_or_outdated_collateral_is_refused_by_its_check()
    {
        using TdxScene stale = new() { Info = new() { Next = IntelPlatform.Now.AddSeconds(-1) } };
        Assert.Equal([CheckNames.TdxTcbInfoFresh], stale.Verify().Refusals.Select(c => c.Name));
        using TdxScene early = new() { Identity = new() { Issued = IntelPlatform.Now.AddSeconds(1) } };
        Assert.Equal([CheckNames.TdxQeIdentityFresh], early.Verify().Refusals.Select(c => c.Name));
        using TdxScene evaluation = new() { Info = new() { Evaluation = 16 } };
        Assert.Equal([CheckNames.TdxTcbInfoEvaluation], evaluation.Verify(r => r with { MinimumEvaluation = 17 }).Refusals.Select(c => c.Name));
    }

    [Fact]
    public void Collateral_that_Intel_did_not_sign_is_refused()
    {
        using TdxScene scene = new(), other = new();
        byte[] info = [.. scene.Collateral().TcbInfo.Span];
        info[info.AsSpan().IndexOf("UpToDate"u8)] = (byte)'u';
        scene.Verify(null, scene.Collateral() with { TcbInfo = info }).Has(CheckNames.TdxTcbInfoSignature, CheckStatus.Failed);
        scene.Verify(null, scene.Collateral() with { QeIdentityChain = other.Platform.SignerChain }).Has(CheckNames.TdxQeIdentitySignature, CheckStatus.Failed);
        scene.Verify(null, scene.Collateral() with { TcbInfoChain = scene.Platform.Chain }).Has(CheckNames.TdxTcbInfoSignature, CheckStatus.Failed);
    }

    [Fact]
    public void Revoked_certificates_are_refused_by_the_list_of_their_issuer()
    {
        DateTimeOffset made = IntelPlatform.Now.AddDays(-1), next = IntelPlatform.Now.AddDays(30);
        using TdxScene scene = new();
        scene.PckCrl = scene.Platform.PckCrl(made, next, IntelPlatform.PckSerial);
        Assert.Equal([CheckNames.TdxPckCrl], scene.Verify().Refusals.Select(c => c.Name));
        scene.PckCrl = scene.Platform.PckCrl(made, next);
        foreach (byte[] serial in new[] { IntelPlatform.CaSerial, IntelPlatform.SignerSerial })
        {
            scene.RootCrl = scene.Platform.RootCrl(made, next, serial);
            Assert.Equal([CheckNames.TdxRootCrl], scene.Verify().Refusals.Select(c => c.Name));
        }

        scene.RootCrl = scene.PckCrl;
        scene.Verify().Has(CheckNames.TdxRootCrl, CheckStatus.NotEvaluated);
        scene.RootCrl = scene.Platform.RootCrl(made.AddDays(-30), made);
        scene.Verify().Has(CheckNames.TdxRootCrl, CheckStatus.Failed);
    }
}
