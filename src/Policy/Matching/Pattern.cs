namespace Pavise.Policy.Matching;

/// <summary>
/// A <c>matches</c> expression, compiled. It matches the whole value or not at all, in time bounded by (length of the value) times
/// (length of the expression), whatever the value: there is no backtracking, and a match needs no memory beyond the stack.
/// </summary>
/// <remarks>
/// The language: literals, <c>.</c> (anything but a line feed), classes <c>[a-z_]</c> and <c>[^…]</c>, <c>\d \w \s \D \W \S</c> (ASCII),
/// groups, <c>|</c>, <c>? * +</c> and <c>{n} {n,} {n,m}</c>. No anchors (the whole value always), no captures, no look-around, no back references.
/// It is written here because the platform's own engine costs the guest more than its whole policy engine.
/// </remarks>
public sealed class Pattern
{
    private readonly Instruction[] program;

    private Pattern(string text, Instruction[] program) => (Text, this.program) = (text, program);

    /// <summary>As the policy writes it.</summary>
    public string Text { get; }

    /// <summary>The compiled program, for tools that compare expressions.</summary>
    internal ReadOnlySpan<Instruction> Program => program;

    /// <summary>Compiles an expression.</summary>
    /// <param name="text">The expression.</param>
    /// <param name="pattern">The compiled expression, or null.</param>
    /// <param name="error">What is wrong with it, or empty.</param>
    public static bool TryParse(string text, out Pattern? pattern, out string error)
    {
        pattern = null;
        error = text.Length > PolicyLimits.PatternChars ? $"an expression has at most {PolicyLimits.PatternChars} characters" : "";
        if (error.Length == 0 && new PatternParser(text).Parse(out error) is { } program)
        {
            pattern = new(text, program);
        }

        return pattern is not null;
    }

    /// <summary>Whether the whole value matches.</summary>
    public bool IsMatch(ReadOnlySpan<char> value)
    {
        if (value.Length > PolicyLimits.PatternInputChars)
        {
            return false;
        }

        // Two sets of program positions, each as a list and its inverse (a sparse set needs no clearing).
        int size = program.Length;
        Span<ushort> memory = stackalloc ushort[5 * size];
        StateSet now = new(memory[..size], memory.Slice(size, size));
        StateSet next = new(memory.Slice(2 * size, size), memory.Slice(3 * size, size));
        Span<ushort> stack = memory[(4 * size)..];
        Follow(ref now, 0, stack);
        foreach (char c in value)
        {
            next.Count = 0;
            for (int i = 0; i < now.Count; i++)
            {
                int at = now.List[i];
                if (program[at].Set?.Contains(c) == true)
                {
                    Follow(ref next, at + 1, stack);
                }
            }

            if (next.Count == 0)
            {
                return false;
            }

            StateSet other = now;
            now = next;
            next = other;
        }

        return now.Contains(size - 1);
    }

    // Adds a position and all that is reached from it without reading. Each position enters the stack at most once.
    private void Follow(ref StateSet set, int start, Span<ushort> stack)
    {
        int depth = 0;
        Push(ref set, start, stack, ref depth);
        while (depth > 0)
        {
            Instruction at = program[stack[--depth]];
            if (at.Set is null && at.First >= 0)
            {
                Push(ref set, at.First, stack, ref depth);
                if (at.Second >= 0)
                {
                    Push(ref set, at.Second, stack, ref depth);
                }
            }
        }
    }

    private static void Push(ref StateSet set, int position, Span<ushort> stack, ref int depth)
    {
        if (set.Add(position))
        {
            stack[depth++] = (ushort)position;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private ref struct StateSet(Span<ushort> list, Span<ushort> places)
    {
        private readonly Span<ushort> places = places;

        public Span<ushort> List { get; } = list;

        public int Count { get; set; }

        public readonly bool Contains(int position) => places[position] < Count && List[places[position]] == position;

        public bool Add(int position)
        {
            if (Contains(position))
            {
                return false;
            }

            List[Count] = (ushort)position;
            places[position] = (ushort)Count++;
            return true;
        }
    }
}

/// <summary>One instruction: read a character of the set and go on; or go on at one or two positions; or (the last one) accept.</summary>
internal readonly record struct Instruction(CharSet? Set, int First, int Second)
{
    public static Instruction Accept { get; } = new(null, -1, -1);
}
