using System.Text.Json.Serialization;

namespace HarborClient;

/// <summary>What CogAgent's <c>/analyze</c> does with an image.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImageAnalysisTask>))]
public enum ImageAnalysisTask
{
    /// <summary>Says what it shows.</summary>
    [JsonStringEnumMemberName("describe")]
    Describe,

    /// <summary>Finds the objects in it.</summary>
    [JsonStringEnumMemberName("detect")]
    Detect,

    /// <summary>Reads the text in it.</summary>
    [JsonStringEnumMemberName("ocr")]
    Ocr,

    /// <summary>Says whether it is fit to be shown.</summary>
    [JsonStringEnumMemberName("safety_check")]
    SafetyCheck,
}
