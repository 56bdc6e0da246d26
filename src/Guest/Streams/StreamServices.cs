using Pavise.Policy.Requests;
using Pavise.Session.Logs;

namespace Pavise.Guest.Streams;

/// <summary>What is done with a process's output beside handing it to the host.</summary>
internal sealed record StreamServices
{
    /// <summary>Nothing.</summary>
    public static StreamServices None { get; } = new();

    /// <summary>Begins to seal a stream to the owners.</summary>
    public Func<StandardStream, CancellationToken, Task<SealedLogWriter>>? Seal { get; init; }

    /// <summary>Keeps the latest output in guest memory for owners who may read logs.</summary>
    public LogRing? Log { get; init; }
}
