using Pavise.Owner.Policies.Drafts;
namespace Pavise.Owner.Policies.Generation;

/// <summary>References <c>$(NAME)</c> as a kubelet expands them: <c>$$</c> is one dollar sign, an unknown name stays as written.</summary>
internal static class Expansion
{
    /// <param name="text">The text.</param>
    /// <param name="variables">What is known so far.</param>
    /// <param name="unknown">Gets names that are not known.</param>
    public static DraftValue Expand(string text, IReadOnlyDictionary<string, DraftValue> variables, ICollection<string> unknown)
    {
        DraftValue result = new("");
        int from = 0;
        for (int i = 0; i < text.Length - 1; i++)
        {
            if (text[i] != '$' || (text[i + 1] != '$' && text[i + 1] != '('))
            {
                continue;
            }

            int end = text[i + 1] == '$' ? i + 1 : text.IndexOf(')', i + 2);
            if (end < 0)
            {
                continue;
            }

            result = result.Then(new(text[from..i]));
            if (text[i + 1] == '$')
            {
                result = result.Then(new("$"));
            }
            else if (variables.TryGetValue(text[(i + 2)..end], out DraftValue? value))
            {
                result = result.Then(value);
            }
            else
            {
                unknown.Add(text[(i + 2)..end]);
                result = result.Then(new(text[i..(end + 1)]));
            }

            i = end;
            from = end + 1;
        }

        return result.Then(new(text[from..]));
    }
}
