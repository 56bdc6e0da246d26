using Pavise.Attestation;

namespace Pavise.Owner.Measurement;

/// <summary>What a guest build must measure to on one machine.</summary>
/// <param name="Machine">snp, tdx, tcg, kvm or process.</param>
/// <param name="Tee">Kind of evidence there.</param>
/// <param name="Value">The expected measurement.</param>
/// <param name="Note">What the value depends on beside the guest build, and how far it was checked.</param>
internal sealed record MeasuredLaunch(string Machine, TeeKind Tee, LaunchMeasurement Value, string Note);
