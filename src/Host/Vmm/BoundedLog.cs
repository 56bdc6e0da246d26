using System.Text;

namespace Pavise.Host.Vmm;

/// <summary>Copies what a process says into a file of bounded size and remembers its last words.</summary>
internal sealed class BoundedLog : IDisposable
{
    private readonly Stream _file;
    private readonly byte[] _tail = new byte[VmmLimits.TailBytes];
    private long _total;

    public BoundedLog(string path) => _file = new FileStream(path, new FileStreamOptions
    {
        Mode = FileMode.Create,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    /// <summary>The last words: at most <see cref="VmmLimits.TailBytes"/>, whole lines where there was more.</summary>
    public string Tail
    {
        get
        {
            lock (_tail)
            {
                int length = (int)Math.Min(_total, _tail.Length);
                int start = (int)((_total - length) % _tail.Length);
                byte[] text = [.. _tail.AsSpan(start, Math.Min(length, _tail.Length - start)), .. _tail.AsSpan(0, Math.Max(0, start + length - _tail.Length))];
                string tail = Encoding.UTF8.GetString(text);
                int line = _total > _tail.Length ? tail.IndexOf('\n') + 1 : 0;
                return tail[line..].Trim();
            }
        }
    }

    /// <summary>Copies until the stream ends.</summary>
    public async Task CopyAsync(Stream from)
    {
        byte[] buffer = new byte[4096];
        while (true)
        {
            int read;
            try
            {
                read = await from.ReadAsync(buffer);
            }
            catch (IOException)
            {
                return;
            }

            if (read == 0)
            {
                return;
            }

            Append(buffer.AsSpan(0, read));
        }
    }

    /// <summary>Adds bytes; beyond <see cref="VmmLimits.LogBytes"/> only the last words are kept.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        lock (_tail)
        {
            if (_total < VmmLimits.LogBytes)
            {
                _file.Write(bytes[..(int)Math.Min(bytes.Length, VmmLimits.LogBytes - _total)]);
            }

            foreach (byte b in bytes)
            {
                _tail[_total++ % _tail.Length] = b;
            }
        }
    }

    public void Dispose() => _file.Dispose();
}
