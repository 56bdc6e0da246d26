using System.Buffers.Binary;

namespace Pavise.Boundary.HostCalls;

/// <summary>
/// The host call <c>tee.report</c> (simulated machines only), on a connection of its own to <see cref="BoundaryPorts.HostCallTee"/>:
/// the guest sends 64 bytes of report data; the visor answers with a length (u32 little-endian, 1 to
/// <see cref="BoundaryLimits.ReportBytes"/>) and the report.
/// </summary>
public static class TeeCall
{
    /// <summary>Guest: asks for a report and reads it. What the report says is for the caller to verify.</summary>
    /// <exception cref="ArgumentException">The report data has not 64 bytes.</exception>
    /// <exception cref="InvalidDataException">The answer's length is outside its limits.</exception>
    /// <exception cref="EndOfStreamException">The connection ended inside the answer.</exception>
    public static async Task<Untrusted<byte[]>> AskAsync(Stream stream, ReadOnlyMemory<byte> reportData, CancellationToken cancellation)
    {
        if (reportData.Length != BoundaryLimits.ReportDataBytes)
        {
            throw new ArgumentException($"report data has {BoundaryLimits.ReportDataBytes} bytes", nameof(reportData));
        }

        await stream.WriteAsync(reportData, cancellation);
        await stream.FlushAsync(cancellation);
        byte[] head = new byte[4];
        await stream.ReadExactlyAsync(head, cancellation);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (length is 0 or > BoundaryLimits.ReportBytes)
        {
            throw new InvalidDataException($"tee.report: the length is not between 1 and {BoundaryLimits.ReportBytes}");
        }

        byte[] report = new byte[length];
        await stream.ReadExactlyAsync(report, cancellation);
        return new Untrusted<byte[]>(report);
    }

    /// <summary>Visor: reads the report data, 64 bytes.</summary>
    /// <exception cref="EndOfStreamException">The connection ended before.</exception>
    public static async Task<byte[]> ReadReportDataAsync(Stream stream, CancellationToken cancellation)
    {
        byte[] data = new byte[BoundaryLimits.ReportDataBytes];
        await stream.ReadExactlyAsync(data, cancellation);
        return data;
    }

    /// <summary>Visor: answers with a report.</summary>
    /// <exception cref="ArgumentException">The report's length is outside its limits.</exception>
    public static async Task WriteReportAsync(Stream stream, ReadOnlyMemory<byte> report, CancellationToken cancellation)
    {
        if (report.Length is 0 or > BoundaryLimits.ReportBytes)
        {
            throw new ArgumentException($"a report has 1 to {BoundaryLimits.ReportBytes} bytes", nameof(report));
        }

        byte[] answer = new byte[4 + report.Length];
        BinaryPrimitives.WriteInt32LittleEndian(answer, report.Length);
        report.CopyTo(answer.AsMemory(4));
        await stream.WriteAsync(answer, cancellation);
        await stream.FlushAsync(cancellation);
    }
}
