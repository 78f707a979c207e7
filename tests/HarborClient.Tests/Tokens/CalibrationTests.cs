using HarborClient.Testing;
using HarborClient.Tests.Fixtures;

namespace HarborClient.Tests.Tokens;

// How near the estimate comes to what providers reported for recorded prompts. They are short (half of about 100 tokens or fewer), so that one token is often a percent
// or more, and half of the models have a single prompt: the figures say more about what a provider adds to a prompt than about words.
public sealed class CalibrationTests
{
    [RecordedTrafficFact]
    public async Task Recorded_prompts_are_estimated_within_five_percent_once_their_like_was_answered()
    {
        List<RecordedPrompt> prompts = Prompts();
        await using FastClient client = Client(prompts);

        // Each prompt before its answer is known, then all again: the second round has learned from one answer to each.
        List<double> first = await RoundAsync(client, prompts);
        List<double> second = await RoundAsync(client, prompts);

        TestReport.Add($"token estimate, {prompts.Count} recorded prompts in order, each estimated before its answer: mean error {first.Average():P1}, median {Median(first):P1}");
        TestReport.Add($"token estimate, the same prompts after each was answered once: mean error {second.Average():P1}, median {Median(second):P1}");
        prompts.Should().HaveCountGreaterThan(140);
        second.Average().Should().BeLessThan(0.05);
        client.Outstanding().Should().Be(Outstanding.None);
    }

    [RecordedTrafficFact]
    public async Task A_prompt_that_was_never_answered_is_estimated_from_the_others_of_its_model()
    {
        List<RecordedPrompt> prompts = Prompts();
        List<double> uncalibrated = [];
        List<double> heldOut = [];
        List<double> longOnes = [];
        foreach (IGrouping<string, RecordedPrompt> model in prompts.GroupBy(prompt => prompt.Model).Where(model => model.Count() >= 3))
        {
            foreach (RecordedPrompt prompt in model)
            {
                await using FastClient client = Client(prompts);
                uncalibrated.Add(await ErrorAsync(client, prompt));
                foreach (RecordedPrompt other in model.Where(other => other != prompt)) await AnswerAsync(client, other);
                heldOut.Add(await ErrorAsync(client, prompt));
                if (prompt.Reported >= 200) longOnes.Add(heldOut[^1]);
            }
        }

        TestReport.Add($"token estimate, {heldOut.Count} prompts of models with three or more: uncalibrated mean error {uncalibrated.Average():P1}, median {Median(uncalibrated):P1}; "
            + $"calibrated on the model's other prompts {heldOut.Average():P1}, median {Median(heldOut):P1}; those {longOnes.Count} of 200 tokens or more {longOnes.Average():P1}");
        Median(heldOut).Should().BeLessThan(0.15);
        heldOut.Average().Should().BeLessThan(0.25);
    }

    private static List<RecordedPrompt> Prompts()
    {
        List<RecordedPrompt> all = [.. RecordedTraffic.All().Select(RecordedPrompt.Read).OfType<RecordedPrompt>()];
        IEnumerable<string> excluded = all.Where(prompt => prompt.Excluded is not null).GroupBy(prompt => prompt.Excluded).OrderByDescending(why => why.Count())
            .Select(why => $"{why.Count()} {why.Key}");
        TestReport.Add($"token estimate: {all.Count(prompt => prompt.Excluded is null)} of {all.Count} recorded chat requests with usage; excluded: {string.Join(", ", excluded)}");
        return [.. all.Where(prompt => prompt.Excluded is null)];
    }

    // One host that serves every model and reports what the provider had reported.
    private static FastClient Client(List<RecordedPrompt> prompts)
    {
        Dictionary<string, long> reported = prompts.ToDictionary(prompt => prompt.Name, prompt => prompt.Reported);
        ProviderEmulator host = new ProviderEmulator().Respond(attempt => new EmulatedReply().Text("ok").Usage(reported[attempt.Headers["x-case"]], 1));
        return FastClient.Create(h => h.AddLocal("lab", new Uri("http://lab.test:8000/v1/"), o => o.SendOnceThrough(new CaseHandler(host.CreateHandler()))));
    }

    private static async Task<List<double>> RoundAsync(FastClient client, List<RecordedPrompt> prompts)
    {
        List<double> errors = [];
        foreach (RecordedPrompt prompt in prompts)
        {
            errors.Add(await ErrorAsync(client, prompt));
            await AnswerAsync(client, prompt);
        }

        return errors;
    }

    private static async Task<double> ErrorAsync(FastClient client, RecordedPrompt prompt)
    {
        long estimate = await client.CountTokensAsync(prompt.Messages, OptionsOf(prompt));
        return Math.Abs(estimate - prompt.Reported) / (double)prompt.Reported;
    }

    private static async Task AnswerAsync(FastClient client, RecordedPrompt prompt)
    {
        CaseHandler.Case.Value = prompt.Name;
        await client.GetResponseAsync(prompt.Messages, OptionsOf(prompt));
    }

    private static ChatOptions OptionsOf(RecordedPrompt prompt)
    {
        ChatOptions options = prompt.Options.Clone();
        options.ModelId = "lab/" + prompt.Model;
        return options;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    // Tells the host which recorded request it is.
    private sealed class CaseHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        public static readonly AsyncLocal<string> Case = new();

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("x-case", Case.Value);
            return base.SendAsync(request, cancellationToken);
        }
    }
}
