using System.Diagnostics;
using HarborClient.Testing;
using HarborClient.Tests.Services;

namespace HarborClient.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class ServiceTelemetryTests
{
    [Fact]
    public async Task Services_images_and_looks_at_jobs_are_spans_of_their_own_kind_without_ids_in_their_names()
    {
        using var spans = new SpanRecorder();
        var host = new ProviderEmulator().Otherwise(ServiceHosts.Json("""{"task_status":"SUCCESS","video_result":[{"url":"https://a.test/1"}],"data":[{"url":"https://a.test/1"}]}"""));
        await using var client = ServiceHosts.ZhipuClient(host, TimeProvider.System);

        await client.InvokeAsync("zhipu/tools/x", new Snippet("a", "b"), ServiceJson.Default.Snippet, ServiceJson.Default.Code).ErrorAsync();
        await client.GenerateImageAsync("zhipu/cogview-4", new ImageRequest("a"));
        await client.AttachVideo("zhipu/cogvideox-3", "job-1").WaitAsync();

        spans.Stopped.Select(span => span.DisplayName).Should().Equal("invoke_service zhipu/tools/x", "generate_image zhipu/cogview-4", "job zhipu/cogvideox-3");
        spans.Stopped[0].Status.Should().Be(ActivityStatusCode.Error);
    }
}
