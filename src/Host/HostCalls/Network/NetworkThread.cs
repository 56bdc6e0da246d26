using System.Collections.Concurrent;
using Pavise.Host.Interop;

namespace Pavise.Host.HostCalls.Network;

/// <summary>
/// A thread that lives in the pod's network namespace and does one thing there: make sockets, which stay in it wherever they are used.
/// The rest of the visor stays outside.
/// </summary>
internal sealed class NetworkThread : IDisposable
{
    private readonly BlockingCollection<Action> work = [];
    private readonly TaskCompletionSource entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Starts the thread.</summary>
    /// <param name="path">A network namespace; empty for a fresh one, null for the visor's own.</param>
    public NetworkThread(string? path) => new Thread(() => Run(path), maxStackSize: 512 * 1024) { IsBackground = true, Name = "network" }.Start();

    /// <summary>Runs a function in the namespace.</summary>
    /// <exception cref="IOException">The namespace could not be entered.</exception>
    public async Task<T> RunAsync<T>(Func<T> function)
    {
        await entered.Task;
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        work.Add(() =>
        {
            try
            {
                done.SetResult(function());
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        });
        return await done.Task;
    }

    public void Dispose() => work.CompleteAdding();

    private void Run(string? path)
    {
        try
        {
            if (path is not null)
            {
                NativeNamespaces.EnterNetwork(path);
            }

            entered.SetResult();
        }
        catch (IOException e)
        {
            entered.SetException(e);
            _ = entered.Task.Exception;
            return;
        }

        foreach (Action action in work.GetConsumingEnumerable())
        {
            action();
        }
    }
}
