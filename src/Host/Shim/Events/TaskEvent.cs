using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Pavise.Host.Shim.Protos.Events;

namespace Pavise.Host.Shim.Events;

/// <summary>
/// An event with its topic (containerd 1.6, runtime/events.go) and its type's full name, which is the whole of the type address: containerd 1.6
/// expects no host in front of it.
/// </summary>
/// <param name="Topic">The topic.</param>
/// <param name="Event">The event.</param>
/// <param name="Vital">Whether a consumer that misses it waits for ever: it is the last to be dropped.</param>
internal sealed record TaskEvent(string Topic, Any Event, bool Vital)
{
    /// <summary>Wraps an event.</summary>
    public static TaskEvent Of(IMessage message) => message switch
    {
        TaskCreate => Make("/tasks/create", "TaskCreate", message),
        TaskStart => Make("/tasks/start", "TaskStart", message),
        TaskExit => Make("/tasks/exit", "TaskExit", message, vital: true),
        TaskDelete => Make("/tasks/delete", "TaskDelete", message, vital: true),
        TaskOOM => Make("/tasks/oom", "TaskOOM", message),
        TaskExecAdded => Make("/tasks/exec-added", "TaskExecAdded", message),
        TaskExecStarted => Make("/tasks/exec-started", "TaskExecStarted", message),
        TaskPaused => Make("/tasks/paused", "TaskPaused", message),
        TaskResumed => Make("/tasks/resumed", "TaskResumed", message),
        _ => throw new ArgumentException($"{message.GetType().Name} is no task event", nameof(message)),
    };

    private static TaskEvent Make(string topic, string name, IMessage message, bool vital = false) =>
        new(topic, new Any { TypeUrl = $"containerd.events.{name}", Value = message.ToByteString() }, vital);
}
