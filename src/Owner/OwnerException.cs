namespace Pavise.Owner;

/// <summary>A command cannot do what it was asked: what is wrong and, where there is one, what to do. Ends the program with exit code 1 and no stack trace.</summary>
internal sealed class OwnerException(string message, string? hint = null, Exception? inner = null) : Exception(message, inner)
{
    public string? Hint { get; } = hint;
}
