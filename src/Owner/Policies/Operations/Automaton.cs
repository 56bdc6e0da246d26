using Pavise.Policy.Matching;

namespace Pavise.Owner.Policies.Operations;

/// <summary>The program of an expression, of one text, or of any text, as an automaton over sets of positions.</summary>
internal sealed class Automaton
{
    private readonly Instruction[] program;
    private readonly bool any;

    private Automaton(Instruction[] program, bool any) => (this.program, this.any) = (program, any);

    /// <summary>The automata that all must accept.</summary>
    public static Automaton[] Of(Language language) =>
        language.Literal is { } literal ? [new([.. literal.Select(c => new Instruction(CharSet.Of(c), -1, -1)), Instruction.Accept], false)]
        : language.Pattern is not { } pattern ? [new([], true)]
        : language.Also is { } also ? [new(pattern.Program.ToArray(), false), new(also.Program.ToArray(), false)]
        : [new(pattern.Program.ToArray(), false)];

    /// <summary>One character for each class that no automaton tells apart, what people can read first. NUL and lone halves of characters are in no request.</summary>
    public static char[] Alphabet(IReadOnlyList<Automaton> automata)
    {
        SortedSet<int> cuts = [1, 'a', 'b', 0xD800, 0xE000, char.MaxValue + 1];
        foreach (Instruction step in automata.SelectMany(a => a.program).Where(i => i.Set is not null))
        {
            foreach ((char first, char last) in step.Set!.Ranges)
            {
                cuts.Add(Math.Max(1, (int)first));
                cuts.Add(last + 1);
            }
        }

        int[] sorted = [.. cuts];
        return [.. Enumerable.Range(0, sorted.Length - 1).Where(i => sorted[i] is < 0xD800 or >= 0xE000).Select(i => (char)Readable(sorted[i], sorted[i + 1])).OrderBy(c => c is >= 'a' and <= 'z' ? 0 : c is > ' ' and <= '~' ? 1 : 2).ThenBy(c => c)];
    }

    public int[] Start() => any ? [0] : Closure([0]);

    public bool Accepts(int[] at) => any ? at.Length > 0 : at.Contains(program.Length - 1);

    public int[] Step(int[] at, char c) => any ? at : Closure(at.Where(p => program[p].Set?.Contains(c) == true).Select(p => p + 1));

    private int[] Closure(IEnumerable<int> from)
    {
        SortedSet<int> all = [];
        Stack<int> left = new(from);
        while (left.TryPop(out int p))
        {
            if (all.Add(p) && program[p] is { Set: null, First: >= 0 } jump)
            {
                left.Push(jump.First);
                if (jump.Second >= 0)
                {
                    left.Push(jump.Second);
                }
            }
        }

        return [.. all];
    }

    /// <summary>A printable character of a range, where it has one.</summary>
    private static int Readable(int from, int to) => from <= ' ' && to > '!' ? '!' : from;
}
