namespace Pavise.KeyBroker.Auditing;

internal static partial class AuditMessages
{
    [LoggerMessage(Level = LogLevel.Information, Message = "{Entry}")]
    public static partial void Entry(ILogger logger, string entry);
}
