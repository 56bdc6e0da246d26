namespace Pavise.Boundary.Ttrpc;

/// <summary>The status codes of ttrpc, which are gRPC's (google/rpc/code.proto).</summary>
public enum TtrpcStatus
{
    /// <summary>Success.</summary>
    Ok = 0,

    /// <summary>The caller went away.</summary>
    Cancelled = 1,

    /// <summary>A failure without a known code.</summary>
    Unknown = 2,

    /// <summary>The request is malformed.</summary>
    InvalidArgument = 3,

    /// <summary>The time allowed for the call has passed.</summary>
    DeadlineExceeded = 4,

    /// <summary>What the request names does not exist.</summary>
    NotFound = 5,

    /// <summary>What the request creates exists.</summary>
    AlreadyExists = 6,

    /// <summary>Refused by the owner's policy.</summary>
    PermissionDenied = 7,

    /// <summary>A limit is reached.</summary>
    ResourceExhausted = 8,

    /// <summary>Not possible in the present state, for example before Bind.</summary>
    FailedPrecondition = 9,

    /// <summary>Given up because of a concurrent change.</summary>
    Aborted = 10,

    /// <summary>A number outside its range.</summary>
    OutOfRange = 11,

    /// <summary>No such service or method.</summary>
    Unimplemented = 12,

    /// <summary>A failure while carrying the request out.</summary>
    Internal = 13,

    /// <summary>The connection is gone.</summary>
    Unavailable = 14,
}
