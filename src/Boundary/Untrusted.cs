namespace Pavise.Boundary;

/// <summary>
/// A value that the host chose. The only way to use it is a validator, so that every place where trust is granted can be found by name.
/// </summary>
/// <typeparam name="T">The value's type; its form has been checked (length, encoding), its meaning has not.</typeparam>
public readonly struct Untrusted<T>
{
    private readonly T _value;

    /// <summary>Marks a value as the host's.</summary>
    public Untrusted(T value) => _value = value;

    /// <summary>What the validator makes of the value; it throws, or returns a refusal, when the value must not be used.</summary>
    public TResult Validate<TResult>(Func<T, TResult> validator) => validator(_value);

    /// <summary>The same for a validator that has to know what was asked.</summary>
    public TResult Validate<TContext, TResult>(TContext context, Func<T, TContext, TResult> validator) => validator(_value, context);

    /// <summary>Never shows the value.</summary>
    public override string ToString() => "untrusted";
}
