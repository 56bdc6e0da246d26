using Pavise.Host.Shim.Service;

namespace Pavise.Host.Tests.Shim;

public sealed class IdleWatchTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true, false, true, true)]
    public async Task A_shim_ends_when_two_looks_in_a_row_find_neither_task_nor_connection(params bool[] findings)
    {
        Ticks ticks = new();
        Queue<bool> looks = new(findings);
        TaskCompletionSource looked = new();
        Task ended = new IdleWatch(() =>
        {
            bool idle = looks.Dequeue();
            looked.SetResult();
            return idle;
        }, ticks).WaitAsync(CancellationToken.None);
        while (looks.Count > 0)
        {
            Assert.False(ended.IsCompleted);
            looked = new();
            ticks.Next();
            await looked.Task.WaitAsync(Limit);
        }

        await ended.WaitAsync(Limit);
    }

    /// <summary>A clock whose one timer ticks when a test says so.</summary>
    private sealed class Ticks : TimeProvider
    {
        private Action? tick;

        public void Next() => tick!();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            tick = () => callback(state);
            return new Timer();
        }

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }
}
