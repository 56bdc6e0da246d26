namespace Pavise.Session.Client;

/// <summary>An HTTP answer.</summary>
/// <param name="Status">Status code.</param>
/// <param name="Headers">Names in lower case; of a repeated one the last.</param>
/// <param name="Body">Body.</param>
/// <param name="Close">Whether the connection ends with this answer.</param>
public sealed record HttpAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body, bool Close);
