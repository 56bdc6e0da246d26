namespace Pavise.Attestation.Launch;

/// <summary>Who launches: hypervisors set up a vCPU's first state differently.</summary>
public enum SnpVmm
{
    /// <summary>QEMU with KVM.</summary>
    Qemu,

    /// <summary>Amazon EC2.</summary>
    Ec2,
}
