using System.Collections.Immutable;
using System.Net;

namespace Pavise.KeyBroker.Configuration;

/// <summary>Somebody who may administer the broker, and whose signatures on policies count.</summary>
/// <param name="Name">Name, as rules use it.</param>
/// <param name="SpkiSha256">SHA-256 of the SubjectPublicKeyInfo, hexadecimal.</param>
/// <param name="Spki">SubjectPublicKeyInfo, DER: P-256 or P-384.</param>
internal sealed record Administrator(string Name, string SpkiSha256, byte[] Spki);

/// <summary>How a broker runs: <c>keybroker.json</c> in its folder. Paths are relative to the folder.</summary>
internal sealed record BrokerConfiguration
{
    /// <summary>The folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Where guests connect.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Where administrators connect, with a client certificate.</summary>
    public required IPEndPoint Admin { get; init; }

    /// <summary>TLS certificate, PEM.</summary>
    public required string Certificate { get; init; }

    /// <summary>Its key, PEM.</summary>
    public required string Key { get; init; }

    /// <summary>The database.</summary>
    public required string Database { get; init; }

    /// <summary>File of the master key, where the environment does not give it.</summary>
    public required string MasterKey { get; init; }

    /// <summary>Who administers.</summary>
    public required ImmutableArray<Administrator> Administrators { get; init; }

    /// <summary>Whether simulated evidence may be attested at all; rules must name <c>sim</c> besides.</summary>
    public bool Simulated { get; init; }

    /// <summary>Folder of collateral files, or null.</summary>
    public string? Collateral { get; init; }

    /// <summary>Whether AMD's and Intel's services are asked for what is missing, with the folder as cache.</summary>
    public bool CollateralOnline { get; init; }

    /// <summary>How long a challenge lives.</summary>
    public TimeSpan ChallengeLife { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>How long an attested exchange and its token live.</summary>
    public TimeSpan SessionLife { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a certificate of the mesh lives.</summary>
    public TimeSpan CertificateLife { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Challenges and attestations of one address, a second; twice as many at once.</summary>
    public int AttestationsPerSecond { get; init; } = 50;

    /// <summary>Requests of one address, a second; twice as many at once.</summary>
    public int RequestsPerSecond { get; init; } = 500;
}
