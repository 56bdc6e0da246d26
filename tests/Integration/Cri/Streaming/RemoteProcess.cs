using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Pavise.Cri.Streaming;

/// <summary>
/// A process at the other end of a runtime's streaming server, over WebSocket with the sub-protocol <c>v4.channel.k8s.io</c>:
/// each message begins with a byte that names the channel; a message on the error channel says how it ended.
/// </summary>
public sealed class RemoteProcess : IAsyncDisposable
{
    private const string Protocol = "v4.channel.k8s.io";
    private const byte StandardInput = 0, StandardOutput = 1, StandardError = 2, Ending = 3, Resize = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket socket = new();
    private readonly StringBuilder output = new(), error = new();
    private readonly TaskCompletionSource<JsonNode> ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task reading = Task.CompletedTask;

    private RemoteProcess()
    {
        socket.Options.AddSubProtocol(Protocol);
    }

    /// <summary>Standard output so far; with a terminal, all output.</summary>
    public string Output => Copy(output);

    /// <summary>Standard error so far.</summary>
    public string Error => Copy(error);

    /// <summary>Connects to a URL that Exec or Attach answered.</summary>
    public static async Task<RemoteProcess> ConnectAsync(string url)
    {
        RemoteProcess process = new();
        using CancellationTokenSource limit = new(Patience);
        await process.socket.ConnectAsync(new UriBuilder(url) { Scheme = "ws" }.Uri, limit.Token);
        process.reading = process.ReadAsync();
        return process;
    }

    /// <summary>Writes to the process's standard input.</summary>
    public Task WriteAsync(string text) => SendAsync(StandardInput, text);

    /// <summary>Tells the size of the user's terminal.</summary>
    public Task ResizeAsync(int columns, int rows) => SendAsync(Resize, $$"""{"Width":{{columns}},"Height":{{rows}}}""");

    /// <summary>Waits for a text in the output.</summary>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public async Task WaitForAsync(string text)
    {
        using CancellationTokenSource limit = new(Patience);
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            if (limit.IsCancellationRequested || ending.Task.IsCompleted)
            {
                throw new TimeoutException($"'{text}' did not come; output: {Output} {Error} {(ending.Task.IsCompletedSuccessfully ? ending.Task.Result : "")}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>Waits for the end and answers the exit code.</summary>
    /// <exception cref="InvalidOperationException">The runtime refused or failed; with its words.</exception>
    public async Task<int> ExitCodeAsync()
    {
        JsonNode status = await ending.Task.WaitAsync(Patience);
        if ((string?)status["status"] == "Success")
        {
            return 0;
        }

        JsonNode? cause = (status["details"]?["causes"] as JsonArray)?.FirstOrDefault(c => (string?)c?["reason"] == "ExitCode");
        return cause is not null ? int.Parse((string)cause["message"]!) : throw new InvalidOperationException((string?)status["message"]);
    }

    /// <summary>Ends the connection, as a user does who closes the terminal.</summary>
    public async ValueTask DisposeAsync()
    {
        socket.Abort();
        await reading;
        socket.Dispose();
    }

    private async Task SendAsync(byte channel, string text) =>
        await socket.SendAsync(new byte[] { channel }.Concat(Encoding.UTF8.GetBytes(text)).ToArray(), WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);

    private async Task ReadAsync()
    {
        using MemoryStream message = new();
        byte[] buffer = new byte[32 << 10];
        try
        {
            while (true)
            {
                WebSocketReceiveResult part = await socket.ReceiveAsync(buffer, CancellationToken.None);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }

                message.Write(buffer, 0, part.Count);
                if (part.EndOfMessage && message.Length > 0)
                {
                    Take(message.ToArray());
                    message.SetLength(0);
                }
            }
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException)
        {
            // The server ends connections without the closing handshake; this side may have ended it.
        }

        ending.TrySetException(new InvalidOperationException("the connection ended without a status"));
    }

    private void Take(byte[] message)
    {
        string text = Encoding.UTF8.GetString(message, 1, message.Length - 1);
        switch (message[0])
        {
            case StandardOutput:
                Append(output, text);
                break;
            case StandardError:
                Append(error, text);
                break;
            case Ending when text.Length > 0:
                ending.TrySetResult(JsonNode.Parse(text)!);
                break;
        }
    }

    private static void Append(StringBuilder to, string text)
    {
        lock (to)
        {
            to.Append(text);
        }
    }

    private static string Copy(StringBuilder from)
    {
        lock (from)
        {
            return from.ToString();
        }
    }
}
