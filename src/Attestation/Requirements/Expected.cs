using System.Collections.Immutable;

namespace Pavise.Attestation;

/// <summary>
/// What somebody expects of a value: one of some values, or explicitly anything. The default is neither, and evidence is refused then: an expectation
/// that nobody wrote down is not a permission.
/// </summary>
/// <typeparam name="T">Kind of value.</typeparam>
public readonly struct Expected<T>
{
    private readonly ImmutableArray<T> _values;

    private Expected(ImmutableArray<T> values, bool any) => (_values, IsAny) = (values, any);

    /// <summary>Explicitly anything: the check is listed as not evaluated and not required.</summary>
    public static Expected<T> Any => new([], true);

    /// <summary>Whether anything is accepted.</summary>
    public bool IsAny { get; }

    /// <summary>Whether nobody said what to expect.</summary>
    public bool IsUnset => !IsAny && Values.IsEmpty;

    /// <summary>The accepted values.</summary>
    public ImmutableArray<T> Values => _values.IsDefault ? [] : _values;

    /// <summary>One of these values. An empty list is as good as unset: everything is refused.</summary>
    public static Expected<T> OneOf(params ReadOnlySpan<T> values) => new([.. values], false);
}
