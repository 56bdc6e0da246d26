using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pavise.Guest.Keys;
using Pavise.Policy.Model;
using Pavise.Policy.Requests;
using Pavise.Session.Logs;

namespace Pavise.Guest.Streams;

/// <summary>Seals output to every owner of the policy, signed by the boot key.</summary>
internal sealed class LogSealer(PolicyDocument policy, Func<BootKey> key, TimeProvider time)
{
    private readonly byte[][] sealKeys = [.. policy.Owners.Select(o => Convert.FromBase64String(o.SealKey))];
    private readonly string digest = Convert.ToHexStringLower(SHA256.HashData(policy.CanonicalBytes.Span));
    private readonly ConcurrentDictionary<string, int> runs = new();

    /// <summary>Counts the containers that were made of an entry in this boot.</summary>
    public int NextRun(string entry) => runs.AddOrUpdate(entry, 1, (_, run) => run + 1);

    /// <summary>Begins a stream.</summary>
    /// <exception cref="IOException">No evidence came for the certificate.</exception>
    public async Task<SealedLogWriter> BeginAsync(string entry, string containerId, int run, string process, StandardStream stream, CancellationToken cancellation)
    {
        BootKey boot = key();
        X509Certificate2 certificate = await boot.CertificateAsync(cancellation);
        LogStreamInfo info = new(digest, entry, containerId, run, process, stream == StandardStream.Stderr ? "stderr" : "stdout", time.GetUtcNow().ToUnixTimeMilliseconds());
        return new SealedLogWriter(info, sealKeys, new Signer(boot, certificate.RawDataMemory), time);
    }

    private sealed class Signer(BootKey boot, ReadOnlyMemory<byte> certificate) : ILogSigner
    {
        public ReadOnlyMemory<byte> Certificate => certificate;

        public string Boot => boot.Id;

        public byte[] Sign(ReadOnlySpan<byte> message) => boot.Sign(message);
    }
}
