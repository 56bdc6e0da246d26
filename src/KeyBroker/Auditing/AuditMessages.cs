namespace Pavise.KeyBroker.Auditing;

internal static partial class AuditMessages
{
    [LoggerMessage(Level = LogLevel.Debug, Message = "{Entry}")]
    public static partial void Entry(ILogger logger, string entry);
}
