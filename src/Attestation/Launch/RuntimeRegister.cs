using System.Security.Cryptography;

namespace Pavise.Attestation.Launch;

/// <summary>A runtime register of TDX: each event's SHA-384 is appended to the register and the two hashed (Intel TDX Module ABI, TDG.MR.RTMR.EXTEND).</summary>
internal sealed class RuntimeRegister
{
    public byte[] Value { get; private set; } = new byte[SHA384.HashSizeInBytes];

    public RuntimeRegister Event(ReadOnlySpan<byte> data) => Digest(SHA384.HashData(data));

    public RuntimeRegister Digest(ReadOnlySpan<byte> digest)
    {
        Value = SHA384.HashData((byte[])[.. Value, .. digest]);
        return this;
    }
}
