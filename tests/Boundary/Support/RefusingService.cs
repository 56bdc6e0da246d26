using System.Reflection;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Boundary.Tests.Support;

/// <summary>A guest service that records each call and refuses it, so that the call is seen to arrive.</summary>
internal class RefusingService : DispatchProxy
{
    public List<(string Method, object Request)> Calls { get; } = [];

    public static (IGuestService Service, RefusingService Recorder) Make()
    {
        IGuestService service = Create<IGuestService, RefusingService>();
        return (service, (RefusingService)(object)service);
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Calls.Add((targetMethod!.Name, args![0]!));
        throw new TtrpcException(TtrpcStatus.PermissionDenied, targetMethod.Name);
    }
}
