namespace Pavise.Session.Rcar;

/// <summary>The document that the launch binds, as it is sent: the digest covers the raw bytes of <see cref="Body"/>.</summary>
/// <param name="Format"><c>json</c> for a canonical policy, <c>toml</c> for Confidential Containers' initdata.</param>
/// <param name="Body">The document's text; its UTF-8 bytes are what is bound.</param>
public sealed record InitData(string Format, string Body);
