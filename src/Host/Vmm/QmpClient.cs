using System.Buffers;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Pavise.Host.Interop;

namespace Pavise.Host.Vmm;

/// <summary>
/// QEMU's machine protocol (QMP): JSON lines; a greeting, then <c>qmp_capabilities</c>, then commands answered in order, events in between.
/// </summary>
internal sealed class QmpClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly LineReader _lines;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Action<string, JsonElement> _event;
    private TaskCompletionSource<JsonElement>? _waiting;
    private Task _reading = Task.CompletedTask;

    /// <summary>Takes the socket over. The event handler gets names and data.</summary>
    public QmpClient(Socket socket, Action<string, JsonElement> onEvent)
    {
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _lines = new LineReader(_stream, VmmLimits.QmpLineBytes);
        _event = onEvent;
    }

    /// <summary>Reads the greeting and leaves the negotiation mode.</summary>
    public async Task NegotiateAsync(CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> greeting = await _lines.ReadAsync(cancellation) ?? throw new QmpException("QEMU ended before it greeted");
        using (JsonDocument document = Parse(greeting))
        {
            if (!document.RootElement.TryGetProperty("QMP", out _))
            {
                throw new QmpException("QEMU's greeting is not QMP's");
            }
        }

        _reading = ReadAsync();
        await ExecuteAsync("qmp_capabilities", null, cancellation);
    }

    /// <summary>Carries out one command; a descriptor travels beside it.</summary>
    /// <exception cref="QmpException">QEMU refused it or is gone.</exception>
    public async Task<JsonElement> ExecuteAsync(string command, Action<Utf8JsonWriter>? arguments, CancellationToken cancellation, SafeHandle? descriptor = null)
    {
        ArrayBufferWriter<byte> buffer = new(256);
        using (Utf8JsonWriter writer = new(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("execute", command);
            if (arguments is not null)
            {
                writer.WriteStartObject("arguments");
                arguments(writer);
                writer.WriteEndObject();
            }

            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        await _turn.WaitAsync(cancellation);
        try
        {
            TaskCompletionSource<JsonElement> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting = answer;
            if (_reading.IsCompleted)
            {
                throw new QmpException($"QEMU is gone, {command} cannot be carried out");
            }

            if (descriptor is null)
            {
                await _stream.WriteAsync(buffer.WrittenMemory, cancellation);
            }
            else
            {
                NativeDescriptors.Send(_socket.SafeHandle, buffer.WrittenSpan, descriptor);
            }

            return await answer.Task.WaitAsync(VmmLimits.QmpAnswer, cancellation);
        }
        catch (TimeoutException)
        {
            throw new QmpException($"QEMU did not answer {command} within {VmmLimits.QmpAnswer.TotalSeconds} s");
        }
        catch (IOException e) when (e is not SystemCallException)
        {
            throw new QmpException($"QEMU is gone, {command} was not carried out");
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        await _reading;
    }

    /// <summary>Reads one message: an event, an answer, or neither.</summary>
    internal static (string? Event, JsonElement Data, string? Error) Interpret(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object)
        {
            throw new QmpException("QEMU sent something that is not an object");
        }

        if (message.TryGetProperty("event", out JsonElement name) && name.ValueKind == JsonValueKind.String)
        {
            return (name.GetString(), message.TryGetProperty("data", out JsonElement data) ? data.Clone() : default, null);
        }

        if (message.TryGetProperty("error", out JsonElement error))
        {
            bool described = error.ValueKind == JsonValueKind.Object && error.TryGetProperty("desc", out JsonElement text) && text.ValueKind == JsonValueKind.String;
            return (null, default, described ? error.GetProperty("desc").GetString() : "no reason given");
        }

        return (null, message.TryGetProperty("return", out JsonElement result) ? result.Clone() : default, null);
    }

    internal static JsonDocument Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonDocument.Parse(line, new JsonDocumentOptions { MaxDepth = 16 });
        }
        catch (JsonException)
        {
            throw new QmpException("QEMU sent a line that is not JSON");
        }
    }

    private async Task ReadAsync()
    {
        string end = "QEMU is gone";
        try
        {
            while (await _lines.ReadAsync(CancellationToken.None) is { } line)
            {
                using JsonDocument document = Parse(line);
                (string? name, JsonElement data, string? error) = Interpret(document.RootElement);
                if (name is not null)
                {
                    _event(name, data);
                }
                else if (error is not null)
                {
                    _waiting?.TrySetException(new QmpException($"QEMU refused: {error}"));
                }
                else
                {
                    _waiting?.TrySetResult(data);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or QmpException or InvalidDataException)
        {
            end = e is QmpException or InvalidDataException ? e.Message : end;
        }

        _waiting?.TrySetException(new QmpException(end));
    }
}
