using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Guest.Interop;

/// <summary>
/// <c>/dev/sev-guest</c> (include/uapi/linux/sev-guest.h of the kernel; the messages inside: SEV-SNP firmware ABI specification, MSG_REPORT_REQ and
/// MSG_REPORT_RSP). The kernel encrypts the request for the secure processor, so the host relays what it cannot read.
/// </summary>
public static class SevGuestDevice
{
    /// <summary>The device.</summary>
    public const string Path = "/dev/sev-guest";

    // _IOWR('S', 0x0, struct snp_guest_request_ioctl), whose size is 32.
    private const nuint GetReport = 0xC0205300;
    private const int RequestBytes = 32;
    private const int ReportRequestBytes = 96;
    private const int ReportResponseBytes = 4000;
    private const int ReportDataBytes = 64;
    private const int ReportOffset = 32;

    /// <summary>Asks for a report at VMPL 0.</summary>
    /// <param name="reportData">64 bytes.</param>
    /// <returns>The report, as long as the firmware says that it is.</returns>
    /// <exception cref="LinuxException">The device or the firmware refused.</exception>
    /// <exception cref="IOException">The answer is malformed.</exception>
    public static byte[] Report(ReadOnlySpan<byte> reportData)
    {
        using SafeFileHandle device = File.OpenHandle(Path, FileMode.Open, FileAccess.ReadWrite);
        byte[] question = Question(reportData), answer = new byte[ReportResponseBytes];
        GCHandle questionPin = GCHandle.Alloc(question, GCHandleType.Pinned), answerPin = GCHandle.Alloc(answer, GCHandleType.Pinned);
        try
        {
            LinuxIoctl.Call(device, GetReport, Request(questionPin.AddrOfPinnedObject(), answerPin.AddrOfPinnedObject()), "asking the secure processor for a report");
        }
        finally
        {
            questionPin.Free();
            answerPin.Free();
        }

        return Answer(answer);
    }

    /// <summary>struct snp_report_req: user_data 64, vmpl u32, 28 zero bytes.</summary>
    internal static byte[] Question(ReadOnlySpan<byte> reportData)
    {
        if (reportData.Length != ReportDataBytes)
        {
            throw new ArgumentException($"report data has {ReportDataBytes} bytes", nameof(reportData));
        }

        byte[] question = new byte[ReportRequestBytes];
        reportData.CopyTo(question);
        return question;
    }

    /// <summary>struct snp_guest_request_ioctl: msg_version u8 (1), padding, req_data u64, resp_data u64, fw_err u64.</summary>
    internal static byte[] Request(nint question, nint answer)
    {
        byte[] request = new byte[RequestBytes];
        request[0] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(request.AsSpan(8), question);
        BinaryPrimitives.WriteInt64LittleEndian(request.AsSpan(16), answer);
        return request;
    }

    /// <summary>MSG_REPORT_RSP: status u32, report size u32, 24 reserved bytes, the report.</summary>
    internal static byte[] Answer(ReadOnlySpan<byte> answer)
    {
        uint status = BinaryPrimitives.ReadUInt32LittleEndian(answer), size = BinaryPrimitives.ReadUInt32LittleEndian(answer[4..]);
        return status != 0 ? throw new IOException($"the secure processor refused the report with status {status:x}")
            : size is 0 or > ReportResponseBytes - ReportOffset ? throw new IOException($"the secure processor's report has {size} bytes")
            : answer.Slice(ReportOffset, (int)size).ToArray();
    }
}
