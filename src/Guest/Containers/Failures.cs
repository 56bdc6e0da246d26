using Pavise.Boundary.Ttrpc;

namespace Pavise.Guest.Containers;

/// <summary>The answers to requests that the policy permits and the state of things does not.</summary>
internal static class Failures
{
    public static TtrpcException NoContainer(string id) => new(TtrpcStatus.NotFound, $"container {id} does not exist");

    public static TtrpcException NoProcess(string id, string execId) => new(TtrpcStatus.NotFound, $"exec {execId} does not exist in container {id}");

    public static TtrpcException NotRunning(string id) => new(TtrpcStatus.FailedPrecondition, $"container {id} is not running");

    public static TtrpcException Ended(string id) => new(TtrpcStatus.NotFound, $"the process of container {id} has ended");

    public static TtrpcException Precondition(string message) => new(TtrpcStatus.FailedPrecondition, message);

    public static TtrpcException Exists(string id) => new(TtrpcStatus.AlreadyExists, $"{id} exists already");

    public static TtrpcException Internal(string message) => new(TtrpcStatus.Internal, message);
}
