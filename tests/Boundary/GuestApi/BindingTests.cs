using CsCheck;
using Google.Protobuf;
using Pavise.Boundary.GuestApi;
using Pavise.Boundary.Tests.Support;
using Pavise.Boundary.Ttrpc;

namespace Pavise.Boundary.Tests.GuestApi;

public sealed class BindingTests
{
    [Fact]
    public async Task Every_client_method_reaches_the_service_method_of_its_name()
    {
        (IGuestService service, RefusingService recorder) = RefusingService.Make();
        await using Served served = await ServeAsync(service);
        await using GuestClient client = new(new TtrpcClient(served.Raw));
        foreach (System.Reflection.MethodInfo method in typeof(IGuestService).GetMethods())
        {
            IMessage request = Requests.All.First(r => r.GetType() == method.GetParameters()[0].ParameterType);
            Task call = (Task)typeof(GuestClient).GetMethod(method.Name + "Async")!.Invoke(client, [request, CancellationToken.None])!;
            TtrpcException refused = await Assert.ThrowsAsync<TtrpcException>(() => call);
            Assert.Equal((TtrpcStatus.PermissionDenied, method.Name), (refused.Status, refused.Message));
            Assert.Equal(request, recorder.Calls[^1].Request);
        }
    }

    [Fact]
    public async Task Request_outside_its_limits_never_reaches_the_service()
    {
        (IGuestService service, RefusingService recorder) = RefusingService.Make();
        await using Served served = await ServeAsync(service);
        await using GuestClient client = new(new TtrpcClient(served.Raw));
        TtrpcException refused = await Assert.ThrowsAsync<TtrpcException>(() => client.StartContainerAsync(new StartContainerRequest { ContainerId = "../x" }, CancellationToken.None));
        Assert.Equal(TtrpcStatus.InvalidArgument, refused.Status);
        Assert.StartsWith("StartContainer: container_id ", refused.Message, StringComparison.Ordinal);
        Assert.Empty(recorder.Calls);
    }

    [Fact]
    public async Task Malformed_request_is_an_invalid_argument()
    {
        await using Served served = await ServeAsync(RefusingService.Make().Service);
        await served.Raw.WriteAsync(Wire.Request(1, GuestServiceBinding.ServiceName, "Bind", [0xFF]));
        Assert.Equal(TtrpcStatus.InvalidArgument, (await Wire.ReadStatusAsync(served.Raw)).Status);
    }

    [Fact]
    public void Arbitrary_request_bytes_get_one_of_the_expected_statuses()
    {
        string[] methods = [.. typeof(IGuestService).GetMethods().Select(m => m.Name)];
        Gen.Select(Gen.Int[0, methods.Length - 1], Gen.OneOf(Gen.Byte.Array[0, 60], Mutated())).Sample((method, bytes) =>
        {
            TtrpcServer server = new(null, (_, _, exception) => Assert.Fail(exception.ToString()));
            GuestServiceBinding.Add(server, RefusingService.Make().Service);
            using MemoryDuplex stream = new(Wire.Request(1, GuestServiceBinding.ServiceName, methods[method], bytes));
            server.ServeAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
            stream.Written.Position = 0;
            TtrpcStatus status = Wire.ReadStatusAsync(stream.Written).GetAwaiter().GetResult().Status;
            Assert.True(status is TtrpcStatus.InvalidArgument or TtrpcStatus.PermissionDenied, status.ToString());
        });
    }

    private static Gen<byte[]> Mutated()
    {
        byte[][] valid = [.. Requests.All.Select(r => r.ToByteArray()).Where(b => b.Length > 0)];
        return Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Int[0, 1000], Gen.Byte).Select((which, at, value) =>
        {
            byte[] bytes = [.. valid[which]];
            bytes[at % bytes.Length] = value;
            return bytes;
        });
    }

    private static Task<Served> ServeAsync(IGuestService service)
    {
        TtrpcServer server = new();
        GuestServiceBinding.Add(server, service);
        return Served.StartAsync(server);
    }
}
