using HarborClient.Caching;

namespace HarborClient.Pipeline.Stages;

/// <summary>Under what an answer under way is found: the request, and how its answer travels.</summary>
internal readonly record struct FlightKey(CacheKey Request, bool IsStreaming);
