namespace Pavise.KeyBroker.Store;

/// <summary>
/// Where the broker keeps everything. Contents are sealed before they come here. Written so that PostgreSQL can take SQLite's place: a change is one serialisable
/// transaction, nothing else is assumed.
/// </summary>
internal interface IBrokerStore : IAsyncDisposable
{
    /// <summary>Runs a change; when the task completes it is durable, when it throws nothing of it happened. It may run more than once, so it must touch nothing but the store.</summary>
    Task<T> ChangeAsync<T>(Func<IStoreChange, T> change);

    /// <summary>Reads one consistent state.</summary>
    T Read<T>(Func<IStoreView, T> read);
}
