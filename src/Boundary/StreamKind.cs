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
