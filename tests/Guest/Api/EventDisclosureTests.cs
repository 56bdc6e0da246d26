using Pavise.Boundary.GuestApi;
using Pavise.Guest.Api;
using Pavise.Policy.Plans;

namespace Pavise.Guest.Tests.Api;

public sealed class EventDisclosureTests
{
    [Fact]
    public void That_memory_ran_out_is_told_only_where_the_policy_tells_statistics()
    {
        Assert.False(GuestService.Tells(EventKind.Oom, StatsDisclosure.None));
        Assert.True(GuestService.Tells(EventKind.Oom, StatsDisclosure.Coarse));
        Assert.All(Enum.GetValues<EventKind>().Where(k => k != EventKind.Oom), k => Assert.True(GuestService.Tells(k, StatsDisclosure.None)));
    }
}
