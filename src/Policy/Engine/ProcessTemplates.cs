using System.Collections.Immutable;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;
using Pavise.Policy.State;

namespace Pavise.Policy.Engine;

/// <summary>A permitted signal: the request is the plan.</summary>
internal sealed class SignalTemplate : IPlanTemplate
{
    public static SignalTemplate Instance { get; } = new();

    public Plan Complete(Request request) => request is SignalProcess r ? new SignalPlan(r.ContainerId, r.ExecId, r.Signal, r.All) : throw new ArgumentException("not a signal", nameof(request));

    public ImmutableArray<Note> Notes(Request request) => [];
}

/// <summary>A permitted stream: the host carries its bytes, in clear or sealed to the owners, as the process was made.</summary>
internal sealed class StreamTemplate : IPlanTemplate
{
    public static StreamTemplate Instance { get; } = new();

    public Plan Complete(Request request) => request is OpenStream r ? new StreamPlan(r.ContainerId, r.ExecId, new StandardStreamTarget(r.Stream, StreamTarget.Host)) : throw new ArgumentException("not a stream", nameof(request));

    public ImmutableArray<Note> Notes(Request request) => [];
}
