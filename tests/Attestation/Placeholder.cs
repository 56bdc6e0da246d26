namespace Pavise.Attestation.Tests;
