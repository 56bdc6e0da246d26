namespace Pavise.Cri.Logs;

/// <summary>One entry of a container's log.</summary>
/// <param name="Time">When the runtime read it.</param>
/// <param name="Stream"><c>stdout</c> or <c>stderr</c>.</param>
/// <param name="Partial">Whether the line goes on in the stream's next entry.</param>
/// <param name="Text">Without the line's end.</param>
public sealed record LogLine(DateTimeOffset Time, string Stream, bool Partial, string Text);
