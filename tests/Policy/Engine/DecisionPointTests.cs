using Pavise.Policy.Engine;
using Pavise.Policy.Requests;
using Pavise.Policy.State;
using Pavise.Policy.Tests.Support;

namespace Pavise.Policy.Tests.Engine;

public sealed class DecisionPointTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "decision-points.md"));

    public static TheoryData<DecisionPoint> Points => [.. Enum.GetValues<DecisionPoint>()];

    [Theory]
    [MemberData(nameof(Points))]
    public void Each_decision_point_has_one_row_a_request_and_a_line_in_the_document(DecisionPoint point)
    {
        DecisionPointRow row = Assert.Single(DecisionPoints.All, r => r.Point == point);
        Assert.Equal(point.ToString(), row.Request.Name);
        Assert.Contains($"| `{point}` |", Document, StringComparison.Ordinal);
        Assert.All(row.Rules, rule => Assert.Contains($"`{rule}`", Document, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void Each_decision_point_is_refused_somehow(DecisionPoint point)
    {
        DecisionPointRow row = DecisionPoints.All.Single(r => r.Point == point);
        if (!row.Rules.IsEmpty || row.Direction == Direction.HostToGuest)
        {
            Assert.True(Witness.All.Any(w => w.Request.Point == point) || point == DecisionPoint.Shutdown);
            PolicyState ending = PolicyState.Empty with { Ending = true };
            Assert.Equal(RefusalKind.State, Sample.Refused(Sample.Document(), ending, new Shutdown(0)).Kind);
            return;
        }

        Request request = (Request)Activator.CreateInstance(row.Request, [.. row.Request.GetConstructors()[0].GetParameters().Select(p => p.ParameterType == typeof(int) ? (object)1 : "x")])!;
        Refusal refusal = Sample.Refused(Sample.Document(), PolicyState.Empty, request);
        Assert.Equal(RefusalKind.NotBuilt, refusal.Kind);
        Assert.Equal(point, refusal.Point);
    }

    [Fact]
    public void Every_request_type_stands_in_the_table()
    {
        IEnumerable<Type> requests = typeof(Request).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Request)) && !t.IsAbstract);
        Assert.Equal(requests.Select(t => t.Name).Order(), DecisionPoints.All.Select(r => r.Request.Name).Order());
    }

    private static string RepositoryRoot()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Pavise.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
