using HarborClient.Errors;
using Microsoft.Extensions.Configuration;

namespace HarborClient.DependencyInjection;

/// <summary>The shape of a configuration section.</summary>
internal sealed class HarborConfiguration
{
    public PerformanceMode? Mode { get; set; }

    public string? DefaultModel { get; set; }

    public string? DefaultEmbeddingModel { get; set; }

    public ClockOptions? Clocks { get; set; }

    public TelemetryOptions? Telemetry { get; set; }

    public OpenAIOptions? OpenAI { get; set; }

    public Dictionary<string, LocalOptions> Local { get; } = [];

    public Dictionary<string, List<string>> Models { get; } = [];

    /// <summary>Reads a section into a builder.</summary>
    /// <exception cref="HarborException">A key is unknown or a value has the wrong form (Configuration).</exception>
    internal static void Apply(IConfiguration section, HarborBuilder builder)
    {
        var read = new HarborConfiguration();
        try
        {
            section.Bind(read, options => options.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            string place = section is IConfigurationSection named ? $"'{named.Path}'" : "of HarborClient";
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"The configuration section {place} cannot be read: {e.Message}", e);
        }

        if (read.Mode is { } mode) builder.UseMode(mode);
        if (read.DefaultModel is { } model) builder.UseDefaultModel(model);
        if (read.DefaultEmbeddingModel is { } embedding) builder.UseDefaultEmbeddingModel(embedding);
        if (read.Clocks is { } clocks) builder.UseClocks(clocks.CopyTo);
        if (read.Telemetry is { } telemetry) builder.UseTelemetry(target => target.CaptureMessageContent = telemetry.CaptureMessageContent);
        if (read.OpenAI is { } openAI) builder.RegisterOpenAI(openAI);
        foreach ((string name, LocalOptions local) in read.Local) builder.RegisterLocal(name, local);
        foreach ((string alias, List<string> targets) in read.Models) builder.MapModel(alias, [.. targets]);
    }
}
