using System.Text.Json.Serialization;

namespace HarborClient.Providers.ZhipuLocal;

/// <summary>The JSON of the typed services.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(CodeGenerationRequest))]
[JsonSerializable(typeof(CodeGenerationResult))]
[JsonSerializable(typeof(ImageAnalysisRequest))]
[JsonSerializable(typeof(ImageAnalysis))]
internal sealed partial class ZhipuLocalJson : JsonSerializerContext;
