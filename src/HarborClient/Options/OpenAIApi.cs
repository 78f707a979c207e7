namespace HarborClient;

/// <summary>Which of OpenAI's two chat interfaces a request uses.</summary>
public enum OpenAIApi
{
    /// <summary><c>chat/completions</c>: every host of the family speaks it; the whole history goes with every request.</summary>
    ChatCompletions,

    /// <summary><c>responses</c>: reasoning that is kept between calls, tools that run at the provider, conversations stored there.</summary>
    Responses,
}
