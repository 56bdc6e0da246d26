using System.Collections.Immutable;

namespace Pavise.Attestation;

/// <summary>Collects the checks of one verification. A name that nobody wrote about becomes a required check that was not evaluated: forgetting refuses.</summary>
internal sealed class CheckLog
{
    private readonly TeeKind _tee;
    private readonly ImmutableArray<string> _names;
    private readonly Dictionary<string, Check> _checks;

    public CheckLog(TeeKind tee) : this(tee, [])
    {
    }

    private CheckLog(TeeKind tee, IEnumerable<KeyValuePair<string, Check>> checks) => (_tee, _names, _checks) = (tee, CheckNames.Of(tee), new(checks, StringComparer.Ordinal));

    public CheckLog Copy() => new(_tee, _checks);

    /// <summary>Whether a check was written and passed.</summary>
    public bool Passed(string name) => _checks.TryGetValue(name, out Check? check) && check.Status == CheckStatus.Passed;

    /// <summary>Writes a check that was evaluated.</summary>
    /// <returns>Whether it passed.</returns>
    public bool Is(string name, bool passed, string expected, string found)
    {
        Add(new(name, passed ? CheckStatus.Passed : CheckStatus.Failed, true, Printable(expected), Printable(found)));
        return passed;
    }

    /// <summary>Writes a required check that cannot be evaluated: a refusal.</summary>
    public void Missing(string name, string expected, string why) => Add(new(name, CheckStatus.NotEvaluated, true, Printable(expected), Printable(why)));

    /// <summary>Writes a check that the requirements do not ask for, with what would have been compared.</summary>
    public void NotAsked(string name, string found) => Add(new(name, CheckStatus.NotEvaluated, false, "not asked", Printable(found)));

    /// <summary>Takes the demand from a check that was not evaluated for want of something. A failed one stays failed.</summary>
    public void Waive(string name)
    {
        if (!_checks.TryGetValue(name, out Check? check))
        {
            _checks[name] = new(name, CheckStatus.NotEvaluated, false, "waived", "not evaluated");
        }
        else if (check.Status == CheckStatus.NotEvaluated)
        {
            _checks[name] = check with { Required = false, Expected = "waived: " + check.Expected };
        }
    }

    public ImmutableArray<Check> ToChecks() =>
        [.. _names.Select(n => _checks.GetValueOrDefault(n) ?? new Check(n, CheckStatus.NotEvaluated, true, "", "not evaluated, since another check failed"))];

    // A name outside the table would vanish from the verdict, and a second result would overrule the first: both are mistakes in a verifier.
    private void Add(Check check)
    {
        if (!_names.Contains(check.Name))
        {
            throw new InvalidOperationException($"{check.Name} is no check of {_tee.Name()} evidence");
        }

        if (!_checks.TryAdd(check.Name, check))
        {
            throw new InvalidOperationException($"{check.Name} is evaluated twice");
        }
    }

    internal static string Printable(string text)
    {
        string cut = text.Length <= AttestationLimits.FoundChars ? text : string.Concat(text.AsSpan(0, AttestationLimits.FoundChars - 3), "...");
        return cut.Any(c => c is < ' ' or > '~') ? string.Concat(cut.Select(c => c is < ' ' or > '~' ? '?' : c)) : cut;
    }
}
