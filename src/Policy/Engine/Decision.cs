using System.Collections.Immutable;
using Pavise.Policy.Plans;
using Pavise.Policy.Requests;

namespace Pavise.Policy.Engine;

/// <summary>Outcome of a decision: a plan, or a refusal; never both, never neither.</summary>
/// <remarks>
/// The decisions that an orchestrator asks for all the time (exec, signal, stream) allocate nothing: they hold the request and a template
/// that the policy made beforehand, and put the plan together when it is asked for. The plan depends on nothing else.
/// </remarks>
public readonly record struct Decision
{
    private readonly object? plan;
    private readonly Request? request;
    private readonly ImmutableArray<Note> notes;
    private readonly bool noted;

    private Decision(object? plan, Request? request, Refusal? refusal, ImmutableArray<Note> notes, bool noted)
    {
        (this.plan, this.request, this.notes, this.noted) = (plan, request, notes, noted);
        Refusal = refusal;
    }

    /// <summary>Whether there is a plan.</summary>
    public bool IsPermitted => Refusal is null;

    /// <summary>What to carry out, if permitted.</summary>
    public Plan? Plan => plan is IPlanTemplate template ? template.Complete(request!) : (Plan?)plan;

    /// <summary>Why not, if refused.</summary>
    public Refusal? Refusal { get; }

    /// <summary>What was dropped on the way.</summary>
    public ImmutableArray<Note> Notes => noted && plan is IPlanTemplate template ? template.Notes(request!) : notes;

    /// <summary>A permission.</summary>
    public static Decision Permit(Plan plan, ImmutableArray<Note> notes = default) => new(plan, null, null, notes.IsDefault ? [] : notes, false);

    /// <summary>A refusal.</summary>
    public static Decision Refuse(Refusal refusal) => new(null, null, refusal, [], false);

    internal static Decision Permit(IPlanTemplate template, Request request, bool noted = false) => new(template, request, null, [], noted);
}

/// <summary>A plan but for what the request names.</summary>
internal interface IPlanTemplate
{
    /// <summary>The complete plan of a request that was permitted with this template.</summary>
    Plan Complete(Request request);

    /// <summary>What of the request has no effect.</summary>
    ImmutableArray<Note> Notes(Request request);
}
