namespace Pavise.KeyBroker.Http;

/// <summary>Bytes of all request bodies that are held at once. Each body has its own limit; without a common one thousands of connections together would take what there is.</summary>
/// <param name="most">Bytes.</param>
internal sealed class BodyBudget(long most)
{
    /// <summary>Of this process: some twenty attestations with the largest policies, or thousands of usual ones. Memory is some three times as much.</summary>
    public static BodyBudget Shared { get; } = new(64 * 1024 * 1024);

    private long _taken;

    /// <summary>Bytes that are held now.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    /// <summary>A holder of nothing yet; what it takes is given back when it is disposed.</summary>
    public Share Open() => new(this);

    /// <summary>What one request holds.</summary>
    internal sealed class Share(BodyBudget budget) : IDisposable
    {
        private long _own;

        /// <summary>Takes more bytes, or none where the budget does not have them.</summary>
        public bool Take(int bytes)
        {
            if (Interlocked.Add(ref budget._taken, bytes) > budget.Most)
            {
                Interlocked.Add(ref budget._taken, -bytes);
                return false;
            }

            _own += bytes;
            return true;
        }

        public void Dispose() => Interlocked.Add(ref budget._taken, -Interlocked.Exchange(ref _own, 0));
    }

    private long Most { get; } = most;
}
