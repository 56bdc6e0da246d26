namespace Pavise.Attestation.Certificates;

/// <summary>Whether certificates are valid at a time (RFC 5280, section 4.1.2.5: both ends included).</summary>
internal static class Validity
{
    public static void Check(string name, DateTimeOffset now, CheckLog log, params ReadOnlySpan<DerCertificate> certificates)
    {
        DateTimeOffset from = DateTimeOffset.MinValue, to = DateTimeOffset.MaxValue;
        foreach (DerCertificate certificate in certificates)
        {
            from = certificate.NotBefore > from ? certificate.NotBefore : from;
            to = certificate.NotAfter < to ? certificate.NotAfter : to;
        }

        log.Is(name, from <= now && now <= to, $"{Text(from)} to {Text(to)}", Text(now));
    }

    /// <summary>A time as text: UTC, seconds.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
