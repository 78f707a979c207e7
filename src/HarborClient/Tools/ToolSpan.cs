using System.Diagnostics;
using System.Text;
using System.Text.Json;
using HarborClient.Telemetry;
using Microsoft.Extensions.AI;

namespace HarborClient.Tools;

/// <summary>The spans of the tool loop: one around all its answers and functions, one for each function. Made only when somebody listens, in every mode.</summary>
internal static class ToolSpan
{
    /// <summary>The span around a whole call with tools; the spans of its answers are children of it.</summary>
    internal static Activity? StartLoop() => HarborActivity.Source.HasListeners() ? HarborActivity.Source.StartActivity("orchestrate_tools") : null;

    internal static Activity? StartFunction(ToolInvocation invocation, bool showsContent)
    {
        if (!HarborActivity.Source.HasListeners()) return null;
        Activity? activity = HarborActivity.Source.StartActivity($"execute_tool {invocation.Function.Name}");
        if (activity is null) return null;
        activity.SetTag("gen_ai.operation.name", "execute_tool");
        activity.SetTag("gen_ai.tool.name", invocation.Function.Name);
        activity.SetTag("gen_ai.tool.call.id", invocation.Call.CallId);
        activity.SetTag("gen_ai.tool.type", "function");
        if (!string.IsNullOrEmpty(invocation.Function.Description)) activity.SetTag("gen_ai.tool.description", invocation.Function.Description);
        if (showsContent) activity.SetTag("gen_ai.tool.call.arguments", ArgumentsOf(invocation.Call));
        return activity;
    }

    internal static void SetResult(Activity? activity, object? result, bool showsContent)
    {
        if (activity is not null && showsContent) activity.SetTag("gen_ai.tool.call.result", result?.ToString());
    }

    internal static void Fail(Activity? activity, string errorType)
    {
        activity?.SetTag("error.type", errorType);
        activity?.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>Ends the span of a loop. A caller that cancels or leaves is no error.</summary>
    internal static void End(Activity? activity, Exception? error)
    {
        if (activity is null) return;
        if (error is OperationCanceledException) activity.SetTag("error.type", "Cancelled");
        else if (error is not null) Fail(activity, (error as HarborException)?.Kind.ToString() ?? error.GetType().FullName!);
        activity.Dispose();
    }

    private static string ArgumentsOf(FunctionCallContent call)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach ((string name, object? value) in call.Arguments ?? new Dictionary<string, object?>())
            {
                json.WritePropertyName(name);
                if (value is JsonElement element) element.WriteTo(json);
                else json.WriteStringValue(value?.ToString());
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }
}
