namespace Pavise.Policy.Model.Reading;

/// <summary>Collects what is wrong with a document, so that its writer hears of everything at once. Bounded.</summary>
internal sealed class Problems
{
    private const int Most = 50;

    private readonly List<PolicyProblem> found = [];

    public bool Any => found.Count > 0;

    public void Add(string path, string message)
    {
        if (found.Count < Most)
        {
            found.Add(new(path, message));
        }
    }

    public void ThrowIfAny()
    {
        if (Any)
        {
            throw new PolicyFormatException([.. found]);
        }
    }
}
