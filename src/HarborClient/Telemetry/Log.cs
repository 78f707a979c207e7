using Microsoft.Extensions.Logging;

namespace HarborClient.Telemetry;

/// <summary>Every log message of the library. Event ids are stable. No key, prompt or answer is ever a parameter.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "HarborClient is ready. Providers: {Providers}. {Fast}; {Balanced}; {Full}")]
    internal static partial void ClientBuilt(ILogger logger, string providers, object fast, object balanced, object full);

    [LoggerMessage(2, LogLevel.Warning, "{Target} failed ({Kind}) and {Next} is asked instead: {Message}")]
    internal static partial void FailedOver(ILogger logger, string target, ErrorKind kind, string next, string message);

    [LoggerMessage(3, LogLevel.Warning, "The answer of {Target} broke ({Kind}) and {Next} answers again: {Message}")]
    internal static partial void Restarted(ILogger logger, string target, ErrorKind kind, string next, string message);

    [LoggerMessage(8, LogLevel.Warning, "{Target} failed ({Kind}) and is asked again in {Wait}: {Message}")]
    internal static partial void Retried(ILogger logger, string target, ErrorKind kind, TimeSpan wait, string message);

    [LoggerMessage(10, LogLevel.Debug, "{Target}, a shadow of {Alias}, failed ({Error}), which concerns no caller: {Message}")]
    internal static partial void ShadowFailed(ILogger logger, string target, string alias, string error, string message);

    [LoggerMessage(77, LogLevel.Warning, "The embeddings of UseSemanticCache failed or took too long again and again ({Reason}): calls go on without them, and they are asked once every {Pause}")]
    internal static partial void QuestionsNotEmbedded(ILogger logger, string reason, TimeSpan pause);

    [LoggerMessage(78, LogLevel.Information, "The embeddings of UseSemanticCache answer again")]
    internal static partial void QuestionsAreEmbedded(ILogger logger);

    [LoggerMessage(9, LogLevel.Warning, "Nobody can be asked for {Model} now: {Target} is back first, in {Wait}, and the call waits for it as long as its TotalTimeout allows")]
    internal static partial void WaitsForTarget(ILogger logger, string model, string target, TimeSpan wait);

    [LoggerMessage(11, LogLevel.Warning, "The answer of {Target} broke ({Kind}) and {Next} continues it: {Message}")]
    internal static partial void Continued(ILogger logger, string target, ErrorKind kind, string next, string message);

    [LoggerMessage(4, LogLevel.Error, "{Completion} threw while a call ended; the remaining completions ran")]
    internal static partial void CompletionThrew(ILogger logger, string completion, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "A stream from {Model} was dropped without being disposed; its exchange was closed by the finalizer. Dispose the enumerator, or use await foreach")]
    internal static partial void StreamDropped(ILogger logger, string model);

    [LoggerMessage(7, LogLevel.Warning, "{Target} was not offered the tool {Tool}: {Reason}. The model answers without it")]
    internal static partial void ToolLeftOut(ILogger logger, string target, string tool, string reason);

    [LoggerMessage(45, LogLevel.Warning, "The function {Tool} failed; the model is told so")]
    internal static partial void ToolFailed(ILogger logger, string tool, Exception exception);

    [LoggerMessage(46, LogLevel.Warning, "The function {Tool} did not finish within {Limit} and was left to itself; the model is told so")]
    internal static partial void ToolTimedOut(ILogger logger, string tool, TimeSpan limit);

    [LoggerMessage(47, LogLevel.Warning, "The call reached its limit of {Limit} rounds of functions; one more answer is asked for, without tools")]
    internal static partial void ToolLimitReached(ILogger logger, int limit);

    [LoggerMessage(48, LogLevel.Warning, "The function {Tool} failed after it was left to itself")]
    internal static partial void ToolFailedLate(ILogger logger, string tool, Exception exception);

    [LoggerMessage(49, LogLevel.Warning, "The model called a function that the call does not have; the model is told so")]
    internal static partial void ToolUnknown(ILogger logger);

    [LoggerMessage(55, LogLevel.Warning, "Memory is short: {UsedMiB:F0} MiB of MemoryLimitBytes ({LimitMiB:F0} MiB) are in use, and the machine is at {MachineLoad:P0} of a high load; caches are emptied until it is at ease")]
    internal static partial void MemoryShort(ILogger logger, double usedMiB, double limitMiB, double machineLoad);

    [LoggerMessage(56, LogLevel.Information, "Nothing more is put into caches: {UsedMiB:F0} MiB of MemoryLimitBytes ({LimitMiB:F0} MiB) are in use")]
    internal static partial void MemoryFull(ILogger logger, double usedMiB, double limitMiB);

    [LoggerMessage(57, LogLevel.Information, "Memory is at ease again: {UsedMiB:F0} MiB of MemoryLimitBytes ({LimitMiB:F0} MiB) are in use")]
    internal static partial void MemoryAtEase(ILogger logger, double usedMiB, double limitMiB);

    [LoggerMessage(58, LogLevel.Warning, "The function that measures memory (UseMemoryLimit) threw, and is said so only once; as long as it throws, nothing changes")]
    internal static partial void MemoryUnknown(ILogger logger, Exception exception);

    [LoggerMessage(60, LogLevel.Warning, "The limit exchange (UseLimitExchange) failed or took too long: this process keeps its limits alone, and asks again every {Pause}")]
    internal static partial void LimitExchangeFailed(ILogger logger, TimeSpan pause, Exception exception);

    [LoggerMessage(61, LogLevel.Information, "The limit exchange (UseLimitExchange) answers again: limits are shared with other processes")]
    internal static partial void LimitExchangeIsBack(ILogger logger);

    [LoggerMessage(62, LogLevel.Warning, "The limit exchange (UseLimitExchange) threw while it was disposed")]
    internal static partial void LimitExchangeNotDisposed(ILogger logger, Exception exception);

    [LoggerMessage(70, LogLevel.Warning, "The cache level {Level} failed or took too long again and again: calls go on without it, and it is asked once every {Pause}")]
    internal static partial void CacheLevelFailed(ILogger logger, string level, TimeSpan pause, Exception exception);

    [LoggerMessage(71, LogLevel.Information, "The cache level {Level} answers again. Entries not written to it so far: {Dropped}")]
    internal static partial void CacheLevelIsBack(ILogger logger, string level, long dropped);

    [LoggerMessage(72, LogLevel.Warning, "The cache level {Level} takes no writes: new entries are not kept there, and a write is tried every {Pause}")]
    internal static partial void CacheLevelTakesNoWrites(ILogger logger, string level, TimeSpan pause, Exception exception);

    [LoggerMessage(73, LogLevel.Information, "The cache level {Level} takes writes again. Entries not written to it so far: {Dropped}")]
    internal static partial void CacheLevelTakesWrites(ILogger logger, string level, long dropped);

    [LoggerMessage(74, LogLevel.Warning, "The cache level {Level} tells of no removals by other processes: this one keeps entries until they expire")]
    internal static partial void CacheLevelNotWatched(ILogger logger, string level, Exception exception);

    [LoggerMessage(75, LogLevel.Error, "An entry for the cache level {Level} could not be made, and is not written")]
    internal static partial void CacheEntryNotMade(ILogger logger, string level, Exception exception);

    [LoggerMessage(76, LogLevel.Warning, "The cache level {Level} threw while it was disposed, or did not end")]
    internal static partial void CacheLevelNotDisposed(ILogger logger, string level, Exception exception);

    [LoggerMessage(50, LogLevel.Information, "{Target} has not begun to answer within {Wait}, and {Second} is asked beside it")]
    internal static partial void Hedged(ILogger logger, string target, TimeSpan wait, string second);

    [LoggerMessage(51, LogLevel.Information, "{Target}, which was asked beside a slow attempt, answers the call")]
    internal static partial void HedgeWon(ILogger logger, string target);

    [LoggerMessage(52, LogLevel.Warning, "The answer of an attempt at {Target} that was overtaken could not be closed")]
    internal static partial void OvertakenThrew(ILogger logger, string target, Exception exception);

    [LoggerMessage(40, LogLevel.Debug, "A kept answer of {Model} was to be made anew before it expires, and was not: {Error}")]
    internal static partial void RefreshFailed(ILogger logger, string model, string error);

    [LoggerMessage(41, LogLevel.Debug, "A kept value of a user's function was to be made anew before it expires, and was not: {Error}")]
    internal static partial void OwnRefreshFailed(ILogger logger, string error);

    [LoggerMessage(42, LogLevel.Warning, "A function given to GetOrCreateAsync failed, and the expired value is used (Cache.StaleFor)")]
    internal static partial void OwnStale(ILogger logger, Exception exception);

    [LoggerMessage(43, LogLevel.Warning, "A function given to GetOrCreateAsync threw while it was cancelled")]
    internal static partial void OwnCancellationThrew(ILogger logger, Exception exception);

    [LoggerMessage(44, LogLevel.Warning, "{Name}, which is asked anew every {Interval}, could not be, and is again at the next time")]
    internal static partial void ScheduledRefreshFailed(ILogger logger, string name, TimeSpan interval, Exception exception);

    [LoggerMessage(97, LogLevel.Warning, "Answers are to be kept in {Levels}, where only calls in Full look, and neither the client nor an alias is in Full. Set it for the client (UseMode), an alias (WithDefaults) or a call (HarborChatOptions.Mode)")]
    internal static partial void LevelsNotReached(ILogger logger, string levels);

    [LoggerMessage(84, LogLevel.Information, "The cache was warmed up as the host started: {Done} of {Total}")]
    internal static partial void WarmedUp(ILogger logger, int done, int total);

    [LoggerMessage(85, LogLevel.Warning, "The cache could not be warmed up with {Failed} of {Total}, first of all not with {Name}")]
    internal static partial void WarmUpFailed(ILogger logger, int failed, int total, string name, Exception exception);

    [LoggerMessage(79, LogLevel.Warning, "The cache was not warmed up to the end")]
    internal static partial void WarmUpBroken(ILogger logger, Exception exception);

    [LoggerMessage(80, LogLevel.Information, "Prices of {Count} models were read from {File}")]
    internal static partial void PriceFileRead(ILogger logger, string file, int count);

    [LoggerMessage(81, LogLevel.Warning, "The price file {File} cannot be used, and the prices read before ({Version}) stay in force: {Reason}")]
    internal static partial void PriceFileRefused(ILogger logger, string file, string version, string reason);

    [LoggerMessage(82, LogLevel.Warning, "{Kind}: {Message}")]
    internal static partial void CostAlert(ILogger logger, CostAlertKind kind, string message);

    [LoggerMessage(83, LogLevel.Warning, "A listener to cost alerts threw")]
    internal static partial void CostListenerThrew(ILogger logger, Exception exception);

    [LoggerMessage(90, LogLevel.Warning, "What was spent before cannot be read from the ledger {Ledger}: calls in hard budgets are refused until it can, and others go on")]
    internal static partial void BudgetsNotRestored(ILogger logger, string? ledger, Exception exception);

    [LoggerMessage(91, LogLevel.Information, "What was spent before has been read from the ledger {Ledger}: budgets count it")]
    internal static partial void BudgetsRestored(ILogger logger, string? ledger);

    [LoggerMessage(92, LogLevel.Warning, "What hours and weeks cost could not be read from the ledger; it is read again with the next hour")]
    internal static partial void UnusualSpendUnknown(ILogger logger, Exception exception);

    [LoggerMessage(93, LogLevel.Warning, "What {Day} cost could not be read from the ledger, and is not reported")]
    internal static partial void DayNotReported(ILogger logger, DateOnly day, Exception exception);

    [LoggerMessage(94, LogLevel.Warning, "The daily report {File} (Ledger.DailyReportFolder) could not be written")]
    internal static partial void DayNotWritten(ILogger logger, string file, Exception exception);

    [LoggerMessage(95, LogLevel.Warning, "An alert ({Kind}) was not posted to {Host} (Alerts.Webhook): {Reason}")]
    internal static partial void AlertNotPosted(ILogger logger, CostAlertKind kind, string host, string reason);

    [LoggerMessage(96, LogLevel.Warning, "{Host} (Alerts.Webhook) did not take an alert, which was tried {Tries} times: {Reason}")]
    internal static partial void AlertNotTaken(ILogger logger, string host, int tries, string reason);

    [LoggerMessage(110, LogLevel.Warning, "The store of shared budgets ({Store}) failed or took too long: calls in hard budgets follow BudgetSharing.Outage ({Outage}), others go on; it is asked again every second while there are calls")]
    internal static partial void BudgetStoreFailed(ILogger logger, string? store, BudgetOutagePolicy outage, Exception exception);

    [LoggerMessage(111, LogLevel.Information, "The store of shared budgets ({Store}) answers again")]
    internal static partial void BudgetStoreIsBack(ILogger logger, string? store);

    [LoggerMessage(112, LogLevel.Warning, "The store of shared budgets threw while it was disposed")]
    internal static partial void BudgetStoreNotDisposed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Debug, "{Target} was not sent {What}: {Reason}")]
    internal static partial void LeftOut(ILogger logger, string target, string what, string reason);
}
