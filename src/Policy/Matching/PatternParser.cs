namespace Pavise.Policy.Matching;

/// <summary>Recursive-descent compiler of <see cref="Pattern"/>.</summary>
internal sealed class PatternParser(string text)
{
    private const int MaxDepth = 16;

    private readonly List<Instruction> code = [];
    private int at;
    private int depth;
    private string problem = "";

    public Instruction[]? Parse(out string error)
    {
        Alternatives();
        if (problem.Length == 0 && at < text.Length)
        {
            Fail("a ')' without its '('");
        }

        Emit(Instruction.Accept);
        error = problem;
        return problem.Length == 0 ? [.. code] : null;
    }

    private bool More => problem.Length == 0 && at < text.Length;

    private void Fail(string what)
    {
        if (problem.Length == 0)
        {
            problem = $"{what}, at character {at + 1}";
        }
    }

    private void Emit(Instruction instruction)
    {
        if (code.Count >= PolicyLimits.PatternInstructions)
        {
            Fail($"the expression compiles to more than {PolicyLimits.PatternInstructions} steps");
            return;
        }

        code.Add(instruction);
    }

    // a | b | c  =>  split(a, next) a jump(end) split(b, next) b jump(end) c
    private void Alternatives()
    {
        if (++depth > MaxDepth)
        {
            Fail($"groups nest more than {MaxDepth} deep");
        }

        List<int> jumps = [];
        int start = code.Count;
        Sequence();
        while (More && text[at] == '|')
        {
            at++;
            Insert(start, new(null, start + 1, code.Count + 2));
            jumps.Add(code.Count);
            Emit(new(null, 0, -1));
            start = code.Count;
            Sequence();
        }

        foreach (int jump in jumps.Where(j => j < code.Count))
        {
            code[jump] = new(null, code.Count, -1);
        }

        depth--;
    }

    private void Sequence()
    {
        while (More && text[at] is not ('|' or ')'))
        {
            int start = code.Count;
            Atom();
            Repeat(start);
        }
    }

    private void Atom()
    {
        char c = text[at++];
        switch (c)
        {
            case '(':
                if (at < text.Length && text[at] == '?')
                {
                    Fail("only plain groups are known, no (?…)");
                    return;
                }

                Alternatives();
                if (!More || text[at] != ')')
                {
                    Fail("a '(' without its ')'");
                    return;
                }

                at++;
                break;
            case '[':
                Emit(new(new ClassParser(text).Parse(ref at, out string error), -1, -1));
                if (error.Length > 0)
                {
                    Fail(error);
                }

                break;
            case '.':
                Emit(new(CharSet.Of([('\n', '\n')], negated: true), -1, -1));
                break;
            case '\\':
                Emit(new(ClassParser.Escape(text, ref at) is { } ranges ? CharSet.Of(ranges, negated: false) : null, -1, -1));
                if (code.Count > 0 && code[^1].Set is null)
                {
                    Fail("an escape that is not known: \\ goes before punctuation, d, w, s, D, W, S, n, t");
                }

                break;
            case '*' or '+' or '?' or '{' or '}' or ']':
                Fail($"'{c}' has nothing before it; write \\{c} for the character");
                break;
            case '^' or '$':
                Fail($"'{c}' is not needed, the whole value must match; write \\{c} for the character");
                break;
            default:
                Emit(new(CharSet.Of(c), -1, -1));
                break;
        }
    }

    private void Repeat(int start)
    {
        if (!More || text[at] is not ('?' or '*' or '+' or '{'))
        {
            return;
        }

        (int least, int most) = text[at++] switch { '?' => (0, 1), '*' => (0, -1), '+' => (1, -1), _ => Counts() };
        if (More && text[at] is '?' or '*' or '+' or '{')
        {
            Fail("two repetitions in a row");
        }

        if (problem.Length > 0)
        {
            return;
        }

        Instruction[] body = [.. code[start..]];
        code.RemoveRange(start, code.Count - start);
        for (int i = 0; i < least && problem.Length == 0; i++)
        {
            Place(body, start);
        }

        if (most < 0)
        {
            // split(body, end) body jump(split)
            int split = code.Count;
            Emit(new(null, split + 1, split + body.Length + 2));
            Place(body, start);
            Emit(new(null, split, -1));
            return;
        }

        int end = code.Count + ((most - least) * (body.Length + 1));
        for (int i = least; i < most && problem.Length == 0; i++)
        {
            Emit(new(null, code.Count + 1, end));
            Place(body, start);
        }
    }

    private (int Least, int Most) Counts()
    {
        int close = text.IndexOf('}', at);
        string[] parts = close < 0 ? [] : text[at..close].Split(',');
        if (parts.Length is 1 or 2 && Number(parts[0], out int least))
        {
            at = close + 1;
            int most = least;
            if (parts.Length == 1 || parts[1].Length == 0 || Number(parts[1], out most))
            {
                most = parts.Length == 2 && parts[1].Length == 0 ? -1 : most;
                if (most < 0 || most >= least)
                {
                    return (least, most);
                }
            }
        }

        Fail("a repetition is {n}, {n,} or {n,m} with n at most m");
        return (0, 0);
    }

    private static bool Number(string digits, out int value) =>
        int.TryParse(digits, System.Globalization.NumberStyles.None, null, out value) && value <= PolicyLimits.PatternInstructions;

    // A copy of instructions that stood at `from`, with their targets moved along.
    private void Place(Instruction[] body, int from)
    {
        int shift = code.Count - from;
        foreach (Instruction i in body)
        {
            Emit(Moved(i, shift, 0));
        }
    }

    private void Insert(int position, Instruction instruction)
    {
        for (int i = position; i < code.Count; i++)
        {
            code[i] = Moved(code[i], 1, position);
        }

        Emit(instruction);
        if (problem.Length == 0)
        {
            code.RemoveAt(code.Count - 1);
            code.Insert(position, instruction);
        }
    }

    private static Instruction Moved(Instruction i, int shift, int onlyFrom) =>
        i with { First = i.First >= onlyFrom && i.First >= 0 ? i.First + shift : i.First, Second = i.Second >= onlyFrom && i.Second >= 0 ? i.Second + shift : i.Second };
}
