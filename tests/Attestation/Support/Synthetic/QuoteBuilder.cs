using System.Buffers.Binary;
using System.Text;
using Pavise.Attestation.Certificates;
using Pavise.Attestation.Tdx;

namespace Pavise.Attestation.Tests.Synthetic;

/// <summary>Writes quotes from their parts: the parser's opposite.</summary>
internal static class QuoteBuilder
{
    public static byte[] Write(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature, ReadOnlySpan<byte> key, ReadOnlySpan<byte> qeReport, ReadOnlySpan<byte> qeSignature, ReadOnlySpan<byte> authentication, ReadOnlySpan<byte> chain)
    {
        byte[] inner = [.. qeReport, .. qeSignature, .. U16(authentication.Length), .. authentication, .. U16(5), .. U32(chain.Length), .. chain];
        byte[] data = [.. signature, .. key, .. U16(6), .. U32(inner.Length), .. inner];
        return [.. signed, .. U32(data.Length), .. data];
    }

    public static byte[] Write(TdxQuote quote, ReadOnlySpan<byte> chain) => Write(
        quote.Signed.Span, quote.Signature.Span, quote.AttestationKey.Span, quote.QeReport.Raw.Span, quote.QeReportSignature.Span, quote.QeAuthentication.Span, chain);

    public static byte[] WithChain(byte[] quote, Func<IReadOnlyList<byte[]>, IReadOnlyList<byte[]>> change)
    {
        TdxQuote parsed = TdxQuote.Parse(quote);
        byte[][] chain = [.. Pem.Certificates(parsed.PckChain.Span).Select(c => c.ToArray())];
        return Write(parsed, Encoding.ASCII.GetBytes(Pem.Write(change(chain).Select(c => (ReadOnlyMemory<byte>)c))));
    }

    public static byte[] U16(int value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)value);
        return bytes;
    }

    public static byte[] U32(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)value);
        return bytes;
    }
}
