using System.Reflection;
using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Host.Tests.Runtime.Support;

/// <summary>A guest that agrees to everything, except where a test says otherwise, and remembers what it was asked.</summary>
internal class FakeGuest : DispatchProxy
{
    private readonly TaskCompletionSource<uint> exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<(string Method, IMessage Request)> Calls { get; } = [];

    /// <summary>Methods that are refused.</summary>
    public HashSet<string> Refused { get; } = [];

    public Stdio Stdio { get; set; } = new() { Stdout = true, Stderr = true };

    public List<WantedFile> Wanted { get; } = [];

    public List<WantedVolume> Volumes { get; } = [];

    public ListProcessesResponse Processes { get; set; } = new();

    public ReadStatsResponse Stats { get; set; } = new();

    public static (IGuestService Service, FakeGuest Guest) Make()
    {
        IGuestService service = Create<IGuestService, FakeGuest>();
        return (service, (FakeGuest)(object)service);
    }

    public void End(uint status) => exit.TrySetResult(status);

    public T Only<T>()
        where T : IMessage => Assert.Single(All<T>());

    public IReadOnlyList<T> All<T>()
        where T : IMessage
    {
        lock (Calls)
        {
            return [.. Calls.Select(c => c.Request).OfType<T>()];
        }
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        string method = targetMethod!.Name;
        lock (Calls)
        {
            Calls.Add((method, (IMessage)args![0]!));
        }

        return Refused.Contains(method) ? throw new TtrpcException(TtrpcStatus.PermissionDenied, $"{method} is refused") : method switch
        {
            nameof(IGuestService.CreateContainer) => Task.FromResult(new CreateContainerResponse { Stdio = Stdio, Wanted = { Wanted }, Volumes = { Volumes } }),
            nameof(IGuestService.StartContainer) => Task.FromResult(new StartContainerResponse { Pid = 2 }),
            nameof(IGuestService.ExecProcess) => Task.FromResult(new ExecProcessResponse { Stdio = Stdio, Pid = 3 }),
            nameof(IGuestService.WaitProcess) => WaitAsync(),
            nameof(IGuestService.DeleteContainer) => Task.FromResult(new DeleteContainerResponse()),
            nameof(IGuestService.ListProcesses) => Task.FromResult(Processes),
            nameof(IGuestService.ReadStats) => Task.FromResult(Stats),
            _ => Task.FromResult(new Empty()),
        };
    }

    private async Task<WaitProcessResponse> WaitAsync() => new() { ExitStatus = await exit.Task };
}
