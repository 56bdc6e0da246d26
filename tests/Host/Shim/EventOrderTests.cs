using CsCheck;
using Pavise.Boundary.Ttrpc;
using Pavise.Host.Tests.Shim.Support;

namespace Pavise.Host.Tests.Shim;

/// <summary>Whatever containerd and the guest do in whatever order: what is told of a process is told once, and in the order of a life.</summary>
public sealed class EventOrderTests
{
    private static readonly string[] Tasks = ["a", "b"], Execs = ["", "x", "y"];

    private static readonly Gen<(int Step, int Task, int Exec)[]> Sequences = Gen.Select(Gen.Int[0, 6], Gen.Int[0, 1], Gen.Int[0, 2]).Array[1, 30];

    [Fact]
    public async Task Events_of_every_process_come_once_and_in_the_order_of_its_life() => await Sequences.SampleAsync(async steps =>
    {
        await using ShimRig rig = new();
        List<Task> running = [];
        foreach ((int step, int task, int exec) in steps)
        {
            running.Add(Ignoring(StepAsync(rig, step, Tasks[task], Execs[exec])));
            if (running.Count % 2 == 0)
            {
                await Task.WhenAll(running);
            }
        }

        await Task.WhenAll(running);
        await rig.FlushAsync();
        IReadOnlyList<string> words = rig.Events.Words;
        foreach (string task in Tasks)
        {
            AssertLives(words, "create start exit delete".Split(' '), task);
            foreach (string exec in Execs.Skip(1))
            {
                AssertLives(words, "exec-added exec-started exit".Split(' '), $"{task}/{exec}");
            }
        }
    }, iter: 150);

    private static Task StepAsync(ShimRig rig, int step, string task, string exec) => step switch
    {
        0 => rig.CreateAsync(task),
        1 => rig.StartAsync(task),
        2 => exec.Length > 0 ? rig.ExecAsync(task, exec) : Task.CompletedTask,
        3 => rig.StartAsync(task, exec),
        4 => rig.KillAsync(task, 9, exec),
        5 => rig.DeleteAsync(task, exec),
        _ => Task.Run(() => rig.Guest.End(task, exec, 1)),
    };

    private static async Task Ignoring(Task step)
    {
        try
        {
            await step;
        }
        catch (TtrpcException)
        {
            // Out of order: refused.
        }
    }

    /// <summary>The events of one name are a row of lives: each begins with the first word, and within it no word comes before an earlier one.</summary>
    private static void AssertLives(IReadOnlyList<string> words, string[] life, string name)
    {
        int at = life.Length - 1;
        foreach (string word in words.Where(w => w.Split(' ')[1] == name).Select(w => w.Split(' ')[0]))
        {
            int next = Array.IndexOf(life, word);
            Assert.True(next > at || next == 0, $"{word} of {name} in {string.Join(", ", words)}");
            at = next;
        }
    }
}
