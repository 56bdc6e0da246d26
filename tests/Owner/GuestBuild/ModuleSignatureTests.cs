using System.Buffers.Binary;
using CsCheck;
using Pavise.Owner.GuestBuild.Modules;

namespace Pavise.Owner.Tests.GuestBuild;

public sealed class ModuleSignatureTests
{
    private static readonly byte[] Trailer = "~Module signature appended~\n"u8.ToArray();

    [Fact]
    public void A_signature_of_any_length_is_taken_off_and_the_module_stays_as_it_was() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Byte.Array[0, 900]).Sample((module, signature) =>
            ModuleSignature.Strip((byte[])[.. module, .. signature, .. Descriptor((uint)signature.Length), .. Trailer]).Span.SequenceEqual(module));

    [Fact]
    public void A_module_without_a_signature_is_left_as_it_is() =>
        Gen.Byte.Array[0, 300].Sample(module => ModuleSignature.Strip(module).Span.SequenceEqual(module));

    [Fact]
    public void A_signature_longer_than_its_module_is_refused()
    {
        Assert.Throws<FormatException>(() => ModuleSignature.Strip((byte[])[1, 2, 3, .. Descriptor(4), .. Trailer]));
        Assert.Throws<FormatException>(() => ModuleSignature.Strip((byte[])[1, 2, 3, .. Descriptor(uint.MaxValue), .. Trailer]));
        Assert.Throws<FormatException>(() => ModuleSignature.Strip(Trailer));
    }

    [Fact]
    public void Any_bytes_before_the_trailer_give_a_module_or_a_format_error_and_nothing_else() => Gen.Byte.Array[0, 64].Sample(bytes =>
    {
        try
        {
            ModuleSignature.Strip((byte[])[.. bytes, .. Trailer]);
        }
        catch (FormatException)
        {
        }
    });

    private static byte[] Descriptor(uint length)
    {
        byte[] descriptor = new byte[12];
        descriptor[2] = 2;
        BinaryPrimitives.WriteUInt32BigEndian(descriptor.AsSpan(8), length);
        return descriptor;
    }
}
