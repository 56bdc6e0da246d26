using System.Reflection;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;
using Pavise.Guest.Api;

namespace Pavise.Guest.Tests.Api;

public sealed class ClosedDoorTests
{
    private static readonly TtrpcException NotBound = new(TtrpcStatus.FailedPrecondition, "closed");

    public static TheoryData<string> Methods => [.. typeof(IGuestService).GetMethods().Select(m => m.Name).Except([nameof(IGuestService.Bind)])];

    [Theory]
    [MemberData(nameof(Methods))]
    public void Before_Bind_nothing_behind_the_door_runs(string method)
    {
        (IGuestService inner, List<string> called) = Recorder.Make();
        Exception thrown = Assert.ThrowsAny<Exception>(() => Call(new ClosedDoor(inner, () => NotBound), method));
        Assert.Same(NotBound, thrown is TargetInvocationException wrapped ? wrapped.InnerException : thrown);
        Assert.Empty(called);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void An_open_door_leads_to_the_method_of_the_same_name(string method)
    {
        (IGuestService inner, List<string> called) = Recorder.Make();
        Call(new ClosedDoor(inner, () => null), method);
        Assert.Equal([method], called);
    }

    [Fact]
    public void Bind_is_answered_while_the_door_is_closed()
    {
        (IGuestService inner, List<string> called) = Recorder.Make();
        Call(new ClosedDoor(inner, () => NotBound), nameof(IGuestService.Bind));
        Assert.Equal([nameof(IGuestService.Bind)], called);
    }

    private static void Call(IGuestService service, string name)
    {
        MethodInfo method = typeof(IGuestService).GetMethod(name)!;
        method.Invoke(service, [Activator.CreateInstance(method.GetParameters()[0].ParameterType), CancellationToken.None]);
    }

    /// <summary>Notes which method was called.</summary>
    public class Recorder : DispatchProxy
    {
        private readonly List<string> called = [];

        public static (IGuestService Service, List<string> Called) Make()
        {
            IGuestService service = Create<IGuestService, Recorder>();
            return (service, ((Recorder)(object)service).called);
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            called.Add(targetMethod!.Name);
            return null;
        }
    }
}
