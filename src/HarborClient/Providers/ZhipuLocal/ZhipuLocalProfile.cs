namespace HarborClient;

/// <summary>The chat servers of Zhipu's open models, each with its own deviations from OpenAI's protocol.</summary>
public enum ZhipuLocalProfile
{
    /// <summary>None: an OpenAI-compatible server and a model that ends by itself.</summary>
    OpenAI,

    /// <summary>ChatGLM3 behind vLLM: the client sends the stop texts and stop tokens without which the model goes on with the user's part.</summary>
    ChatGlm3,

    /// <summary>The server of the ChatGLM3 repository (openai_api_demo): texts only, its own role for function results, the last message never the assistant's.</summary>
    ChatGlm3Demo,

    /// <summary>CodeGeeX4, on its own server or behind vLLM: streams unless told not to, one id for all answers, own stop tokens.</summary>
    CodeGeeX,

    /// <summary>
    /// The server of the CogAgent repository: it reads the last text and the last image (JPEG as data), and its answers have no finish reason and no end
    /// marker, so that the clean end of a body ends an answer. An answer that the host cuts off cleanly is not noticed.
    /// </summary>
    CogAgent,
}
