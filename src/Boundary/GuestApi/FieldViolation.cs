namespace Pavise.Boundary.GuestApi;

/// <summary>A field of a request that is outside its limits.</summary>
/// <param name="Field">The field's name in <c>Protos/guest.proto</c>.</param>
/// <param name="Problem">What is wrong with it, to follow the name in a sentence.</param>
public sealed record FieldViolation(string Field, string Problem);
