using Pavise.Policy.Engine;
using Pavise.Policy.Model;
using Pavise.Policy.Requests;
using Pavise.Policy.State;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

/// <summary><c>after</c>: what has to have happened before a container may start.</summary>
public sealed class OrderTests
{
    private static readonly PolicyDocument Policy = Sample.Document(p => p["containers"]![1]!["after"]![0]!["state"] = "ended");

    [Fact]
    public void A_container_that_was_killed_before_it_ran_has_not_ended_for_those_that_come_after_it()
    {
        PolicyState created = Sample.Created(Policy).Do(Policy, Sample.Create(Sample.SecondSpec(), "c2"));
        Sample.Permitted(Policy, created, new SignalProcess("c1", "", 15, false));
        PolicyState killed = created.AfterExit("c1", "", 143);
        Assert.Equal(ContainerStatus.Stopped, killed.Containers["c1"].Status);
        Assert.Equal(RefusalKind.Policy, Sample.Refused(Policy, killed, new StartContainer("c2")).Kind);
    }

    [Fact]
    public void A_container_that_ran_and_ended_lets_those_start_that_come_after_its_end()
    {
        PolicyState ended = Sample.Running(Policy).Do(Policy, Sample.Create(Sample.SecondSpec(), "c2")).AfterExit("c1", "", 143);
        Sample.Permitted(Policy, ended, new StartContainer("c2"));
    }
}
