using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pavise.Host.Visor;

/// <summary>The visor's own log: a line a fact, on its standard error, which the launch made <c>visor.log</c>.</summary>
internal sealed class VisorLog : IDisposable
{
    private readonly Stream _stream;
    private readonly TimeProvider _time;

    public VisorLog(SafeFileHandle file, TimeProvider time)
    {
        _stream = new FileStream(file, FileAccess.Write, bufferSize: 0);
        _time = time;
    }

    public void Write(string text)
    {
        byte[] line = Encoding.UTF8.GetBytes($"{_time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {text.ReplaceLineEndings(" ")}\n");
        lock (_stream)
        {
            try
            {
                _stream.Write(line);
            }
            catch (IOException)
            {
                // A full disk must not end the pVM.
            }
        }
    }

    public void Dispose() => _stream.Dispose();
}
