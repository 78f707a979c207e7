namespace HarborClient.Testing.Engine;

// Executes a plan against either door.
internal sealed class ReplyRunner(AttemptLog log, TimeProvider time)
{
    public async ValueTask RunAsync(ReplyPlan plan, IExchange exchange, EmulatedAttempt attempt)
    {
        bool areHeadersSent = false;
        for (int i = 0; i < plan.Actions.Count; i++)
        {
            WireAction action = plan.Actions[i];
            switch (action.Kind)
            {
                case WireActionKind.Delay:
                    await WaitAsync(action.Time, areHeadersSent ? plan : null, exchange, attempt).ConfigureAwait(false);
                    break;
                case WireActionKind.Headers:
                    attempt.SetStatus(plan.StatusCode);
                    areHeadersSent = true;
                    await exchange.SendHeadersAsync(plan.StatusCode, plan.Headers).ConfigureAwait(false);
                    break;
                case WireActionKind.Write:
                    bool isLast = plan.Actions[i + 1].Kind == WireActionKind.End;
                    await exchange.WriteAsync(action.Bytes, isLast).ConfigureAwait(false);
                    attempt.CountBytes(action.Bytes.Length);
                    break;
                case WireActionKind.Silence:
                    await WaitAsync(Timeout.InfiniteTimeSpan, areHeadersSent ? plan : null, exchange, attempt).ConfigureAwait(false);
                    break;
                case WireActionKind.End:
                    log.End(attempt, plan.EndsAs);
                    await exchange.EndAsync().ConfigureAwait(false);
                    break;
                default:
                    log.End(attempt, AttemptOutcome.Reset);
                    await exchange.BreakOffAsync(action.Kind).ConfigureAwait(false);
                    break;
            }
        }
    }

    private async ValueTask WaitAsync(TimeSpan wait, ReplyPlan? plan, IExchange exchange, EmulatedAttempt attempt)
    {
        if (plan is { KeepAliveBytes.IsEmpty: false } && plan.KeepAliveInterval > TimeSpan.Zero)
        {
            while (wait == Timeout.InfiniteTimeSpan || wait > plan.KeepAliveInterval)
            {
                await VirtualDelay.WaitAsync(time, plan.KeepAliveInterval, exchange.ClientGone).ConfigureAwait(false);
                await exchange.WriteAsync(plan.KeepAliveBytes, isLast: false).ConfigureAwait(false);
                attempt.CountBytes(plan.KeepAliveBytes.Length);
                wait -= wait == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : plan.KeepAliveInterval;
            }
        }

        await VirtualDelay.WaitAsync(time, wait, exchange.ClientGone).ConfigureAwait(false);
    }
}
