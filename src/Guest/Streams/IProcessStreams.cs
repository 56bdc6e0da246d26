using Pavise.Policy.Requests;

namespace Pavise.Guest.Streams;

/// <summary>The standard streams of a process as the host carries them: of a real one, or of an exec that stands for an owner's session.</summary>
internal interface IProcessStreams : IDisposable
{
    /// <summary>Whether a stream exists for the host and nobody has opened it; if so it is taken.</summary>
    bool TryClaim(StandardStream stream);

    /// <summary>Relays a claimed stream until it ends.</summary>
    Task ServeAsync(StandardStream stream, Stream connection, CancellationToken cancellation);

    /// <summary>Ends standard input, after what is still on its way.</summary>
    void EndStdin();

    /// <summary>Closes standard input at once.</summary>
    void CloseStdin();

    /// <summary>Sets the terminal's size; false if there is none.</summary>
    bool Resize(uint columns, uint rows);
}
