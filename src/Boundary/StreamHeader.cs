namespace Pavise.Boundary;

/// <summary>Which standard stream a connection to the stream port carries.</summary>
public enum StreamKind : byte
{
    /// <summary>Host to process. With a terminal: what is typed.</summary>
    Stdin = 0,

    /// <summary>Process to host. With a terminal: everything it shows.</summary>
    Stdout = 1,

    /// <summary>Process to host. Does not exist with a terminal.</summary>
    Stderr = 2,
}

/// <summary>
/// First bytes on a connection to the stream port: <c>"PVS1"</c>, kind (u8), length of container id (u8), length of exec id (u8),
/// the ids in UTF-8. The guest answers with one byte (0 = open) or, on refusal, 1, length (u16 little-endian), message; after 0 the
/// rest of the connection is the stream's bytes, in one direction only.
/// </summary>
public sealed record StreamHeader(StreamKind Kind, string ContainerId, string ExecId);
