namespace HarborClient;

/// <summary>What telemetry may contain.</summary>
public sealed class TelemetryOptions
{
    /// <summary>Whether prompts and answers are put on spans (<c>gen_ai.input.messages</c>, <c>gen_ai.output.messages</c>).</summary>
    /// <value>Default: the environment variable <c>OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT</c> is <c>true</c>; otherwise off.</value>
    public bool CaptureMessageContent { get; set; } =
        string.Equals(Environment.GetEnvironmentVariable("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"), "true", StringComparison.OrdinalIgnoreCase);
}
