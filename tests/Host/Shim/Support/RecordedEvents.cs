using Google.Protobuf;
using Pavise.Host.Shim.Events;
using Pavise.Host.Shim.Protos.Events;

namespace Pavise.Host.Tests.Shim.Support;

/// <summary>What containerd got, in order.</summary>
internal sealed class RecordedEvents : IEventForwarder
{
    private readonly List<Envelope> received = [];

    /// <summary>While true containerd cannot be reached.</summary>
    public volatile bool Away;

    /// <summary>Topics that containerd answers with an error.</summary>
    public HashSet<string> Unwanted { get; } = [];

    public IReadOnlyList<Envelope> Received
    {
        get
        {
            lock (received)
            {
                return [.. received];
            }
        }
    }

    /// <summary>One word an event: the topic without <c>/tasks/</c>, and whom it concerns.</summary>
    public IReadOnlyList<string> Words => [.. Received.Select(Word)];

    /// <summary>The events of one kind.</summary>
    public IReadOnlyList<T> All<T>(MessageParser<T> parser, string topic)
        where T : IMessage<T> => [.. Received.Where(e => e.Topic == topic).Select(e => parser.ParseFrom(e.Event.Value))];

    /// <summary>Waits until a word was received.</summary>
    public async Task WaitForAsync(string word)
    {
        for (int i = 0; i < 1000 && !Words.Contains(word); i++)
        {
            await Task.Delay(10);
        }

        Assert.Contains(word, Words);
    }

    public Task ForwardAsync(Envelope envelope, CancellationToken cancellation)
    {
        if (Away)
        {
            throw new IOException("containerd is away");
        }

        if (Unwanted.Contains(envelope.Topic))
        {
            throw new EventRefusedException("not wanted");
        }

        lock (received)
        {
            received.Add(envelope);
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static string Word(Envelope envelope) => envelope.Topic["/tasks/".Length..] + " " + envelope.Topic switch
    {
        "/tasks/create" => TaskCreate.Parser.ParseFrom(envelope.Event.Value).ContainerId,
        "/tasks/start" => TaskStart.Parser.ParseFrom(envelope.Event.Value).ContainerId,
        "/tasks/exit" => TaskExit.Parser.ParseFrom(envelope.Event.Value) is var e ? e.Id == e.ContainerId ? e.Id : $"{e.ContainerId}/{e.Id}" : "",
        "/tasks/delete" => TaskDelete.Parser.ParseFrom(envelope.Event.Value).ContainerId,
        "/tasks/exec-added" => TaskExecAdded.Parser.ParseFrom(envelope.Event.Value) is var e ? $"{e.ContainerId}/{e.ExecId}" : "",
        "/tasks/exec-started" => TaskExecStarted.Parser.ParseFrom(envelope.Event.Value) is var e ? $"{e.ContainerId}/{e.ExecId}" : "",
        "/tasks/paused" => TaskPaused.Parser.ParseFrom(envelope.Event.Value).ContainerId,
        "/tasks/resumed" => TaskResumed.Parser.ParseFrom(envelope.Event.Value).ContainerId,
        _ => "",
    };
}
