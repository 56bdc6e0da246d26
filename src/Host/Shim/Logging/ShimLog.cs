using System.Text;
using Microsoft.Win32.SafeHandles;
using Pavise.Host.Interop;

namespace Pavise.Host.Shim.Logging;

/// <summary>
/// The shim's log: lines in the form of containerd's own (logrus), on standard error, which is the fifo <c>log</c> of the bundle. It is open in
/// both directions and never waits: without a reader, or with a full pipe, a line is lost and nothing else.
/// </summary>
/// <param name="stream">Takes the lines.</param>
/// <param name="time">The clock.</param>
/// <param name="debug">Whether lines for developers are written too.</param>
internal sealed class ShimLog(Stream stream, TimeProvider time, bool debug)
{
    private const string PipeName = "log";

    /// <summary>The log of a serving shim.</summary>
    public static ShimLog OfThisProcess(TimeProvider time, bool debug) => new(new FileStream(new SafeFileHandle(2, ownsHandle: false), FileAccess.Write, bufferSize: 0), time, debug);

    /// <summary>The bundle's log; null where it has none.</summary>
    public static SafeFileHandle? OpenPipe(string bundle)
    {
        try
        {
            return NativeFifos.OpenBoth(Path.Combine(bundle, PipeName));
        }
        catch (SystemCallException)
        {
            return null;
        }
    }

    public void Debug(string text)
    {
        if (debug)
        {
            Write("debug", text);
        }
    }

    public void Info(string text) => Write("info", text);

    public void Warn(string text) => Write("warning", text);

    public void Error(string text) => Write("error", text);

    private void Write(string level, string text)
    {
        string escaped = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).ReplaceLineEndings("\\n");
        byte[] line = Encoding.UTF8.GetBytes($"time=\"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffffff00Z}\" level={level} msg=\"{escaped}\" runtime=io.containerd.pavise.v2\n");
        lock (stream)
        {
            try
            {
                stream.Write(line);
            }
            catch (IOException)
            {
                // Nobody reads, or the pipe is full.
            }
        }
    }
}
