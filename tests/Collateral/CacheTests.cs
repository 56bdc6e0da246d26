using Pavise.Attestation;
using Pavise.Attestation.Collateral;
using Pavise.Attestation.Tests.Synthetic;

namespace Pavise.Collateral.Tests;

/// <summary>What a cache may be made to do by unverified evidence.</summary>
public sealed class CacheTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pavise-cache-").FullName;
    private readonly FixedTime _time = new(SnpScene.Now);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static CollateralRequest Request(SnpScene scene) => CollateralRequest.For(LaunchEvidence.Parse(TeeKind.Snp, scene.Report))!;

    private static CollateralRequest MadeUp(int number) => new() { Tee = TeeKind.Snp, ChipId = new byte[64], ReportedTcb = (ulong)number };

    [Fact]
    public async Task Made_up_chips_are_asked_for_no_more_often_than_the_limit()
    {
        Source source = new(_ => throw new CollateralException("unknown chip"));
        CollateralCache cache = new(_folder, source, _time);
        for (int i = 0; i < 3 * AskLimit.PerMinute; i++)
        {
            await Assert.ThrowsAsync<CollateralException>(() => cache.FindAsync(MadeUp(i), default));
        }

        Assert.Equal(AskLimit.PerMinute, source.Asked);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        _time.Now += TimeSpan.FromMinutes(1);
        await Assert.ThrowsAsync<CollateralException>(() => cache.FindAsync(MadeUp(0), default));
        Assert.Equal(AskLimit.PerMinute + 1, source.Asked);
    }

    [Fact]
    public async Task What_is_kept_is_given_while_the_limit_is_reached()
    {
        SnpScene scene = new();
        Source source = new(r => r.ChipId.Span.SequenceEqual(scene.ChipId) ? Of(scene) : throw new CollateralException("unknown chip"));
        CollateralCache cache = new(_folder, source, _time, scene.Roots);
        Assert.Equal(3, (await cache.FindAsync(Request(scene), default)).SnpCertificates.DistinctBy(c => Convert.ToHexString(c.Span)).Count());
        for (int i = 0; i < 2 * AskLimit.PerMinute; i++)
        {
            Assert.DoesNotContain((await cache.FindAsync(MadeUp(i), default)).SnpCertificates, c => c.Span.SequenceEqual(scene.Leaf));
        }

        Assert.Equal(AskLimit.PerMinute, source.Asked);
        Assert.Equal(3, (await cache.FindAsync(Request(scene), default)).SnpCertificates.Length);
    }

    [Fact]
    public async Task The_cache_keeps_a_bounded_number_of_platforms()
    {
        SnpScene[] scenes = [new(), new(), new(), new()];
        Source source = new(r => Of(scenes.Single(s => s.ChipId.AsSpan().SequenceEqual(r.ChipId.Span))));
        CollateralCache cache = new(_folder, source, _time, scenes[0].Roots, platforms: 2);
        foreach (SnpScene scene in scenes)
        {
            await cache.FindAsync(Request(scene), default);
        }

        Assert.Equal(2 + 1, Directory.GetDirectories(_folder).Length);
        Assert.Equal(4, source.Asked);
        foreach (SnpScene scene in scenes)
        {
            Assert.Contains((await cache.FindAsync(Request(scene), default)).SnpCertificates, c => c.Span.SequenceEqual(scene.Leaf));
        }
    }

    [Fact]
    public async Task A_file_that_is_being_written_is_not_read()
    {
        SnpScene scene = new();
        CollateralCache cache = new(_folder, new Source(_ => Of(scene)), _time, scene.Roots);
        await cache.FindAsync(Request(scene), default);
        string shared = Path.Combine(_folder, "shared");
        File.CreateSymbolicLink(Path.Combine(shared, $"x{CollateralFolder.Unfinished}"), Path.Combine(shared, "gone"));
        Assert.NotEmpty((await cache.FindAsync(Request(scene), default)).SnpCrls);
    }

    private static VerificationCollateral Of(SnpScene scene) => new() { SnpCertificates = [.. scene.Certificates], SnpCrls = [.. scene.Crls] };

    private sealed class Source(Func<CollateralRequest, VerificationCollateral> answer) : ICollateralSource
    {
        public int Asked { get; private set; }

        public Task<VerificationCollateral> FindAsync(CollateralRequest request, CancellationToken cancellation)
        {
            Asked++;
            return Task.FromResult(answer(request));
        }
    }
}
