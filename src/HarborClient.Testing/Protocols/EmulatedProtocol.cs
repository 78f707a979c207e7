using HarborClient.Testing.Engine;

namespace HarborClient.Testing.Protocols;

// How one provider family writes its answers. Chosen by the request's path; a new one is a file here and a line in All.
internal abstract class EmulatedProtocol
{
    private static readonly EmulatedProtocol Fallback = new OpenAIProtocol();

    private static readonly EmulatedProtocol[] All = [new ZhipuProtocol(), Fallback];

    // A path that nobody serves gets OpenAI's 404.
    public static EmulatedProtocol For(RequestHead head) => Array.Find(All, protocol => protocol.Serves(head)) ?? Fallback;

    public abstract RequestBody ReadBody(RequestHead head, byte[] bytes);

    public abstract RenderedReply Answer(ReplySettings reply, RenderContext context);

    public abstract RenderedReply Error(int statusCode, string? code, string? message, RenderContext context);

    // For the limits that an emulator can be given.
    public abstract long EstimatePromptTokens(RequestBody body);

    public abstract HeaderList LimitHeaders(LimitState requests, LimitState tokens);

    protected abstract bool Serves(RequestHead head);
}
