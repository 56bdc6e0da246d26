using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Pavise.Session;
using Pavise.Session.Rcar;

namespace Pavise.KeyBroker.Sessions;

/// <summary>
/// Documents that attested guests showed, by the digest of their bytes: each instance of a workload shows the same one, up to 1 MiB of it. A document is remembered only once
/// evidence that binds it was accepted, so that nobody fills the table with what he makes up.
/// </summary>
internal sealed class KnownDocuments
{
    /// <summary>Documents, some 300 bytes each; when there are more all are forgotten.</summary>
    public const int Most = 1024;

    private readonly ConcurrentDictionary<string, BoundDocument> _documents = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>The document, read or remembered, with the name to remember it by.</summary>
    /// <exception cref="SessionFormatException">It is none.</exception>
    public (BoundDocument Document, string Key) Read(InitData init)
    {
        string key = $"{init.Format} {Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(init.Body)))}";
        return (_documents.TryGetValue(key, out BoundDocument? known) ? known : BoundDocument.Read(init), key);
    }

    public void Remember(string key, BoundDocument document)
    {
        if (!_documents.TryAdd(key, document))
        {
            return;
        }

        if (Interlocked.Increment(ref _count) > Most)
        {
            _documents.Clear();
            Interlocked.Exchange(ref _count, 0);
        }
    }
}
