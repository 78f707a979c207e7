namespace HarborClient.DependencyInjection;

/// <summary>The ToolInvocation section: any setting in it switches the loop on; what it leaves out stays as code set it.</summary>
internal sealed class ToolInvocationSection
{
    public int? MaximumIterations { get; set; }

    public bool? AllowConcurrentInvocation { get; set; }

    public int? MaximumConcurrency { get; set; }

    public int? MaximumConsecutiveErrors { get; set; }

    public TimeSpan? ToolTimeout { get; set; }

    public bool? IncludeDetailedErrors { get; set; }

    public bool? TerminateOnUnknownCalls { get; set; }

    internal void ApplyTo(ToolInvocationOptions options)
    {
        options.MaximumIterations = MaximumIterations ?? options.MaximumIterations;
        options.AllowConcurrentInvocation = AllowConcurrentInvocation ?? options.AllowConcurrentInvocation;
        options.MaximumConcurrency = MaximumConcurrency ?? options.MaximumConcurrency;
        options.MaximumConsecutiveErrors = MaximumConsecutiveErrors ?? options.MaximumConsecutiveErrors;
        options.ToolTimeout = ToolTimeout ?? options.ToolTimeout;
        options.IncludeDetailedErrors = IncludeDetailedErrors ?? options.IncludeDetailedErrors;
        options.TerminateOnUnknownCalls = TerminateOnUnknownCalls ?? options.TerminateOnUnknownCalls;
    }
}
