using System.Diagnostics;

namespace HarborClient.Telemetry;

/// <summary>The activity source of the library.</summary>
internal static class HarborActivity
{
    /// <summary>The name of the activity source and of the meter.</summary>
    internal const string Name = "HarborClient";

    internal static readonly ActivitySource Source = new(Name);
}
