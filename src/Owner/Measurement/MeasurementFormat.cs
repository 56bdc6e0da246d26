using System.Text.Json;
using Pavise.Attestation;
using Pavise.Owner.GuestBuild.Manifest;

namespace Pavise.Owner.Measurement;

/// <summary>
/// Measurements as JSON: <c>{"schema":"pavise.measurement/v1","measurements":[{"machine","tee","digest","rtmr0","rtmr1","rtmr2","rtmr3","note"}]}</c>, digests in
/// hexadecimal, registers only for TDX and only those that are computed.
/// </summary>
internal static class MeasurementFormat
{
    internal const string Schema = "pavise.measurement/v1";
    private const int MaxBytes = 1024 * 1024, DigestBytes = 48;

    internal static string Write(IReadOnlyList<MeasuredLaunch> launches)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, ManifestWriter.Style))
        {
            json.WriteStartObject();
            json.WriteString("schema", Schema);
            json.WriteStartArray("measurements");
            foreach (MeasuredLaunch launch in launches)
            {
                json.WriteStartObject();
                json.WriteString("machine", launch.Machine);
                json.WriteString("tee", launch.Tee.Name());
                json.WriteString("digest", Convert.ToHexStringLower(launch.Value.Digest.Span));
                foreach ((string name, ReadOnlyMemory<byte>? value) in Registers(launch.Value))
                {
                    if (value is { } register)
                    {
                        json.WriteString(name, Convert.ToHexStringLower(register.Span));
                    }
                }

                json.WriteString("note", launch.Note);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    /// <summary>The measurements in such a text for one kind of evidence.</summary>
    /// <exception cref="FormatException">The bytes are no such text.</exception>
    internal static IReadOnlyList<LaunchMeasurement> Read(ReadOnlyMemory<byte> bytes, TeeKind tee)
    {
        if (bytes.Length > MaxBytes)
        {
            throw new FormatException("the file of measurements is too long");
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(bytes, new() { MaxDepth = 8, AllowDuplicateProperties = false });
            if (document.RootElement.GetProperty("schema").GetString() != Schema)
            {
                throw new FormatException($"the schema is not {Schema}");
            }

            return
            [
                .. document.RootElement.GetProperty("measurements").EnumerateArray()
                    .Where(m => m.GetProperty("tee").GetString() == tee.Name())
                    .Select(m => new LaunchMeasurement(Digest(m.GetProperty("digest").GetString()), Register(m, "rtmr0"), Register(m, "rtmr1"), Register(m, "rtmr2"), Register(m, "rtmr3")))
                    .Select(m => tee != TeeKind.Tdx || m is { Rtmr1: not null, Rtmr2: not null } ? m : throw new FormatException("a measurement of tdx without rtmr1 and rtmr2 names no kernel and no command line")),
            ];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"the file of measurements is malformed: {e.Message}", e);
        }
    }

    /// <summary>Reads a digest, or <c>mrtd,rtmr0,rtmr1,rtmr2,rtmr3</c> with <c>any</c> where nothing is compared.</summary>
    /// <exception cref="FormatException">The text is neither.</exception>
    internal static LaunchMeasurement Parse(string text)
    {
        string[] parts = text.Split(',');
        return parts.Length switch
        {
            1 => new(Digest(parts[0])),
            5 => new(Digest(parts[0]), Part(parts[1]), Part(parts[2]), Part(parts[3]), Part(parts[4])),
            _ => throw new FormatException("a measurement is one digest, or five joined by commas"),
        };
    }

    internal static IEnumerable<(string Name, ReadOnlyMemory<byte>? Value)> Registers(LaunchMeasurement measurement) =>
        [("rtmr0", measurement.Rtmr0), ("rtmr1", measurement.Rtmr1), ("rtmr2", measurement.Rtmr2), ("rtmr3", measurement.Rtmr3)];

    private static ReadOnlyMemory<byte>? Part(string text) => text == "any" ? default(ReadOnlyMemory<byte>?) : Digest(text);

    private static ReadOnlyMemory<byte>? Register(JsonElement measurement, string name) => measurement.TryGetProperty(name, out JsonElement value) ? Digest(value.GetString()) : default(ReadOnlyMemory<byte>?);

    private static ReadOnlyMemory<byte> Digest(string? text) =>
        text?.Length == 2 * DigestBytes ? Convert.FromHexString(text) : throw new FormatException($"a measurement has {DigestBytes} bytes, {2 * DigestBytes} hexadecimal digits");
}
