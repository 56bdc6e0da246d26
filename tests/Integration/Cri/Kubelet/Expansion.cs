using System.Text;

namespace Pavise.Cri.Kubelet;

/// <summary>References of the form <c>$(NAME)</c> in values, commands and arguments; <c>$$</c> stands for one dollar sign, and an unknown name stays as written.</summary>
internal static class Expansion
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        StringBuilder result = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            int end = text[i + 1] == '(' ? text.IndexOf(')', i + 2) : -1;
            if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (end > 0)
            {
                result.Append(variables.TryGetValue(text[(i + 2)..end], out string? value) ? value : text[i..(end + 1)]);
                i = end;
            }
            else
            {
                result.Append('$');
            }
        }

        return result.ToString();
    }
}
