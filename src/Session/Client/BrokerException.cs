using Pavise.Session.Rcar;

namespace Pavise.Session.Client;

/// <summary>Why a broker gave nothing.</summary>
public enum BrokerFailure
{
    /// <summary>No connection, or it broke. Trying again may help.</summary>
    Unreachable,

    /// <summary>Another key than the pinned one: somebody in the middle, or another broker.</summary>
    WrongBroker,

    /// <summary>Not authenticated: no session, an ended one, or evidence that was refused (HTTP 401).</summary>
    Unauthenticated,

    /// <summary>Authenticated, and refused by the release rules (HTTP 403).</summary>
    Refused,

    /// <summary>There is no such resource (HTTP 404).</summary>
    NotFound,

    /// <summary>Another request came first, or a number went backwards (HTTP 409).</summary>
    Conflict,

    /// <summary>The broker has too much to do (HTTP 429, 503).</summary>
    Busy,

    /// <summary>An answer that is not of the protocol, or any other status.</summary>
    Protocol,
}

/// <summary>A broker's refusal or failure.</summary>
public sealed class BrokerException(BrokerFailure failure, string message, Problem? problem = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Which kind.</summary>
    public BrokerFailure Failure { get; } = failure;

    /// <summary>The broker's own reason, where it gave one. Text of a peer: bounded and without control characters.</summary>
    public Problem? Problem { get; } = problem;

    internal static BrokerException Of(HttpAnswer answer)
    {
        Problem problem = Problem.Parse(answer.Body);
        BrokerFailure failure = answer.Status switch
        {
            401 => BrokerFailure.Unauthenticated,
            403 => BrokerFailure.Refused,
            404 => BrokerFailure.NotFound,
            409 => BrokerFailure.Conflict,
            429 or 503 => BrokerFailure.Busy,
            _ => BrokerFailure.Protocol,
        };
        return new(failure, $"the key broker answered {answer.Status}, {problem.Reason}: {problem.Detail}", problem);
    }
}
