using System.Diagnostics;

namespace Pavise.Owner.Sessions;

/// <summary>A command that carries a session's bytes on its standard streams. What it prints as errors goes to the owner's.</summary>
internal sealed class Carrier : Stream
{
    /// <summary>The argument vector that the guest recognises.</summary>
    public const string Program = "pavise-session";

    private readonly Process process;
    private readonly Stream input;
    private readonly Stream output;

    private Carrier(Process process) => (this.process, input, output) = (process, process.StandardInput.BaseStream, process.StandardOutput.BaseStream);

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Starts a command.</summary>
    /// <exception cref="OwnerException">It cannot be started.</exception>
    public static Carrier Start(IReadOnlyList<string> command)
    {
        ProcessStartInfo start = new(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        try
        {
            return new Carrier(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new OwnerException($"{command[0]} cannot be started: {e.Message}", "give another carrier with --via", e);
        }
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => output.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => input.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => input.FlushAsync(cancellationToken);

    public override void Flush() => input.Flush();

    public override int Read(byte[] buffer, int offset, int count) => output.Read(buffer, offset, count);

    public override void Write(byte[] buffer, int offset, int count) => input.Write(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        try
        {
            input.Dispose();
        }
        catch (IOException)
        {
            // It reads no more.
        }

        output.Dispose();
        if (!process.WaitForExit(TimeSpan.FromSeconds(2)))
        {
            process.Kill();
        }

        process.Dispose();
    }
}
