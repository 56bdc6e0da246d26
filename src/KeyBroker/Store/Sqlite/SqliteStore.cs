using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Pavise.KeyBroker.Store.Sqlite;

/// <summary>
/// The embedded store: SQLite in WAL mode with synchronous=FULL. One thread writes; changes that wait at the same time share one commit (each in its own savepoint),
/// so that hundreds a second cost tens of flushes. A lock file keeps a second broker out.
/// </summary>
internal sealed class SqliteStore : IBrokerStore
{
    /// <summary>Changes of one commit: bounds how long the first of them waits.</summary>
    private const int MostPerCommit = 64;

    private readonly string _file;
    private readonly FileStream _lock;
    private readonly BlockingCollection<Work> _queue = new(boundedCapacity: 4096);
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly Thread _writer;

    private SqliteStore(string file, FileStream heldLock, SqliteSession session)
    {
        (_file, _lock) = (file, heldLock);
        _writer = new(() => Write(session)) { IsBackground = true, Name = "store" };
        _writer.Start();
    }

    /// <summary>Opens or makes the database, and brings its schema up to date.</summary>
    /// <exception cref="BrokerSetupException">It cannot be opened, is in use, or was made by a newer broker.</exception>
    public static SqliteStore Open(string file)
    {
        FileStream held;
        try
        {
            held = new(file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BrokerSetupException($"{file} is in use by another broker, or its folder cannot be written: {e.Message}", e);
        }

        try
        {
            bool made = !File.Exists(file);
            SqliteSession session = new(file, readOnly: false);
            if (made)
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            session.Script("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=10000; PRAGMA trusted_schema=OFF;");
            Migrate(session, file);
            return new(file, held, session);
        }
        catch (SqliteException e)
        {
            held.Dispose();
            throw new BrokerSetupException($"{file} cannot be opened as the broker's database: {e.Message}", e);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    public Task<T> ChangeAsync<T>(Func<IStoreChange, T> change)
    {
        Work<T> work = new(change);
        try
        {
            _queue.Add(work);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(nameof(SqliteStore), "the broker is stopping");
        }

        return work.Task;
    }

    public T Read<T>(Func<IStoreView, T> read)
    {
        SqliteSession session = _readers.TryTake(out SqliteSession? idle) ? idle : new(_file, readOnly: true);
        try
        {
            session.Script("BEGIN");
            T result = read(new SqliteView(session));
            session.Script("COMMIT");
            _readers.Add(session);
            return result;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public ValueTask DisposeAsync()
    {
        // Readers first: the last connection to close folds the log into the database, which a read-only one cannot.
        while (_readers.TryTake(out SqliteSession? session))
        {
            session.Dispose();
        }

        _queue.CompleteAdding();
        _writer.Join();

        _queue.Dispose();
        _lock.Dispose();
        return ValueTask.CompletedTask;
    }

    private static void Migrate(SqliteSession session, string file)
    {
        int have = (int)session.Number("PRAGMA user_version");
        if (have > Migrations.Steps.Count)
        {
            throw new BrokerSetupException($"{file} has schema {have}, this broker knows up to {Migrations.Steps.Count}: use a newer broker");
        }

        for (int step = have; step < Migrations.Steps.Count; step++)
        {
            session.Script($"BEGIN IMMEDIATE; {Migrations.Steps[step]} PRAGMA user_version={step + 1}; COMMIT;");
        }
    }

    private void Write(SqliteSession session)
    {
        using SqliteSession owned = session;
        SqliteChange change = new(session);
        List<Work> batch = [];
        foreach (Work first in _queue.GetConsumingEnumerable())
        {
            batch.Clear();
            batch.Add(first);
            while (batch.Count < MostPerCommit && _queue.TryTake(out Work? next))
            {
                batch.Add(next);
            }

            if (!Commit(session, change, batch, out SqliteException? failure))
            {
                // One of them breaks the commit: each alone, so that only that one fails.
                foreach (Work work in batch)
                {
                    if (batch.Count == 1 || !Commit(session, change, [work], out failure))
                    {
                        work.Fail(failure!);
                    }
                }
            }
        }
    }

    private static bool Commit(SqliteSession session, SqliteChange change, List<Work> batch, out SqliteException? failure)
    {
        try
        {
            session.Run("BEGIN IMMEDIATE");
            foreach (Work work in batch)
            {
                session.Run("SAVEPOINT one");
                if (!work.Run(change))
                {
                    session.Run("ROLLBACK TO one");
                }

                session.Run("RELEASE one");
            }

            session.Run("COMMIT");
        }
        catch (SqliteException e)
        {
            failure = e;
            Undo(session);
            return false;
        }

        batch.ForEach(w => w.Complete());
        failure = null;
        return true;
    }

    private static void Undo(SqliteSession session)
    {
        try
        {
            session.Run("ROLLBACK");
        }
        catch (SqliteException)
        {
            // There was no transaction any more.
        }
    }

    private abstract class Work
    {
        public abstract bool Run(SqliteChange change);

        public abstract void Complete();

        public abstract void Fail(Exception reason);
    }

    private sealed class Work<T>(Func<IStoreChange, T> work) : Work
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _result;
        private Exception? _failure;

        public Task<T> Task => _done.Task;

        public override bool Run(SqliteChange change)
        {
            try
            {
                (_result, _failure) = (work(change), null);
                return true;
            }
            catch (SqliteException)
            {
                throw;
            }
            catch (Exception e)
            {
                _failure = e;
                return false;
            }
        }

        public override void Complete()
        {
            if (_failure is null)
            {
                _done.SetResult(_result!);
            }
            else
            {
                _done.SetException(_failure);
            }
        }

        public override void Fail(Exception reason) => _done.TrySetException(_failure ?? reason);
    }
}
