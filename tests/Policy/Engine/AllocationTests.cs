using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Requests;
using Pavise.Policy.State;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary>What an orchestrator asks for all the time is decided without memory.</summary>
public sealed class AllocationTests
{
    public static TheoryData<string> Hot => ["exec", "signal", "stream"];

    [Theory]
    [MemberData(nameof(Hot))]
    public void A_permission_of_the_hot_decisions_allocates_nothing(string what)
    {
        PolicyDocument policy = Sample.Document();
        PolicyState running = Sample.Running(policy);
        Request request = what switch { "exec" => Sample.Ping(), "signal" => new SignalProcess("c1", "", 15, false), _ => new OpenStream("c1", "", StandardStream.Stdout) };
        for (int i = 0; i < 100; i++)
        {
            Assert.True(PolicyEngine.Decide(policy, running, request).IsPermitted);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        bool permitted = true;
        for (int i = 0; i < 100; i++)
        {
            permitted &= PolicyEngine.Decide(policy, running, request).IsPermitted;
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(permitted);
    }
}
