using System.Runtime.CompilerServices;
using HarborClient.Limits;
using HarborClient.Routing;
using HarborClient.Tokens;

namespace HarborClient.Pipeline.Stages;

// Hot path: one per attempt, without a wait as long as there is room.

/// <summary>
/// Chooses the key that an attempt is sent with, and waits until the host has room for it: the adaptive limit of requests in flight, and the rates of
/// requests and tokens. Every attempt holds its own permit, and nobody holds one while backing off.
/// </summary>
internal sealed class LimitStage(PipelineStage next, TokenEstimator tokens) : PipelineStage(next)
{
    /// <summary>English prose has about this many characters in a token; good enough to sort prompts by size.</summary>
    private const int CharactersPerToken = 4;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<UpdateReader> OpenAsync(Call call)
    {
        // A hedge brings its permit along: it does not wait for one.
        if (call.IsOnRoute) return await Next.OpenAsync(call).ConfigureAwait(false);
        Route route = call.ChooseRoute();
        Admission admission = AdmissionOf(call, route.Limiter, tokens);
        ValueTask<Permit> entering = route.Limiter.EnterAsync(admission, call.Clocks.Token);

        // A more urgent caller may have joined while it went to stand in line.
        if (!entering.IsCompleted && call.Parent!.Settings.Priority is var urgency && urgency > admission.Priority) route.Limiter.Raise(urgency, call.Clocks.Token);
        call.EnterRoute(entering.IsCompletedSuccessfully ? entering.Result : await WaitAsync(call, entering).ConfigureAwait(false));
        return await Next.OpenAsync(call).ConfigureAwait(false);
    }

    private static async ValueTask<Permit> WaitAsync(Call call, ValueTask<Permit> entering)
    {
        TimeSpan asked = call.Elapsed;
        try
        {
            Permit permit = await entering.ConfigureAwait(false);
            call.Decide(DecisionKind.Wait, call.Target, "waited for a permit", call.Elapsed - asked, attempt: call.AttemptNumber);
            return permit;
        }
        catch (Exception e)
        {
            if (e is HarborException refusal) AttemptMetrics.OnNotLetIn(call, refusal);
            throw AttemptErrors.OfWaiting(call, e);
        }
    }

    /// <summary>What a limiter has to know of an attempt.</summary>
    internal static Admission AdmissionOf(Call call, RouteLimiter limiter, TokenEstimator tokens)
    {
        long prompt = PromptReader.CharactersOf(call.Messages) / CharactersPerToken;
        if (call.Inputs.Count > 0)
        {
            foreach (string input in call.Inputs) prompt += input.Length / CharactersPerToken;
        }
        else if (limiter.TokensPerMinute is not null)
        {
            prompt = tokens.Estimate(call.Target!, call.Messages, call.Options);
        }

        return new Admission(call.Parent!.Settings.Priority, call.Settings.Tenant, prompt, Math.Max(0, call.Options?.MaxOutputTokens ?? 0), call.Parent!.Remaining);
    }
}
