using CsCheck;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Shim.Protos;
using Pavise.Host.Tests.Shim.Support;
using Status = Pavise.Host.Shim.Protos.Status;

namespace Pavise.Host.Tests.Shim;

/// <summary>Whatever arrives on its socket, the shim answers with an error and lives.</summary>
public sealed class FuzzTests
{
    private static readonly string[] Methods =
    [
        "State", "Create", "Start", "Delete", "Pids", "Pause", "Resume", "Checkpoint", "Kill", "Exec", "ResizePty", "CloseIO", "Update", "Stats",
    ];

    [Fact]
    public async Task Random_bytes_in_the_place_of_a_request_are_answered_with_an_error()
    {
        await using ShimRig rig = new();
        await rig.CreateAsync("c1");
        await Gen.Select(Gen.OneOf([.. Methods.Select(Gen.Const)]), Gen.Byte.Array[0, 64]).SampleAsync(async (method, bytes) =>
            Assert.NotEqual((int)TtrpcStatus.Ok, await rig.RawAsync(method, bytes)), iter: 1000);
        Assert.Equal(Status.Created, (await rig.StateAsync("c1")).Status);
    }

    [Fact]
    public async Task Requests_about_tasks_that_do_not_exist_are_answered_with_not_found()
    {
        await using ShimRig rig = new();
        foreach (string method in Methods.Except(["Create"]).Append("Wait"))
        {
            // Field 1 is the id in every request.
            await rig.RefusedAsync(TtrpcStatus.NotFound, method, new StateRequest { Id = "nobody" });
        }
    }

    [Fact]
    public async Task A_bundle_with_any_configuration_is_answered()
    {
        await using ShimRig rig = new();
        int number = 0;
        await Gen.Byte.Array[0, 200].SampleAsync(async bytes =>
        {
            CreateTaskRequest request = rig.Request($"f{Interlocked.Increment(ref number)}");
            await File.WriteAllBytesAsync(Path.Combine(request.Bundle, "config.json"), bytes);
            await rig.RefusedAsync(TtrpcStatus.Unknown, "Create", request);
        }, iter: 200);
        Assert.Empty(rig.Sandboxes);
    }
}
