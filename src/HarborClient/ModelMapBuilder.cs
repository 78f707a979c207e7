namespace HarborClient;

/// <summary>What an alias stands for. Used inside <see cref="HarborBuilder.MapModel(string, Action{ModelMapBuilder})"/>; not thread-safe.</summary>
public sealed class ModelMapBuilder
{
    private readonly List<string> _targets = [];

    internal ModelMapBuilder()
    {
    }

    internal IReadOnlyList<string> Targets => _targets;

    internal HarborChatOptions? Defaults { get; private set; }

    /// <summary>Adds a target after those already there.</summary>
    /// <param name="target">A model as <c>provider/model</c>, or a bare id that one provider is known to serve.</param>
    /// <returns>This builder.</returns>
    public ModelMapBuilder Target(string target)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(target);
        _targets.Add(target);
        return this;
    }

    /// <summary>Gives settings to every call of this alias that does not set them itself.</summary>
    /// <param name="configure">Sets them; only the settings that <see cref="HarborChatOptions"/> adds to <c>ChatOptions</c> count.</param>
    /// <returns>This builder.</returns>
    public ModelMapBuilder WithDefaults(Action<HarborChatOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        configure(Defaults ??= new HarborChatOptions());
        return this;
    }
}
