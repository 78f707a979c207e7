using System.Text;
using System.Text.Json;
using HarborClient.Testing;
using static HarborClient.Tests.Services.ServiceHosts;

namespace HarborClient.Tests.Services;

// Whatever a service sends, the caller sees a result or a HarborException, and nothing stays open.
public sealed class ServiceMutationTests
{
    private const int Mutations = 1500;

    private static readonly byte[][] Answers =
    [
        """{"id":"job-1","task_status":"SUCCESS","video_result":[{"url":"https://a.test/v.mp4","cover_image_url":"https://a.test/c.png"}],"error":null}"""u8.ToArray(),
        """{"id":"c","model":"glm","task_status":"SUCCESS","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"\u00fc\ud83d\ude00"}}],"usage":{"prompt_tokens":12,"completion_tokens":5}}"""u8.ToArray(),
        """{"created":1,"data":[{"url":"https://a.test/a.png"},{"b64_json":"iVBORw0KGgo="},{"url":"data:image/webp;base64,AAAA"}]}"""u8.ToArray(),
        """{"result":[{"text":"f\u00fcr"}],"images":["/a.png","iVBORw0KGgo="],"error":false,"state":"over","job":17,"files":["/1.mp4"]}"""u8.ToArray(),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_mutated_answer_is_a_result_or_an_error_of_ours(int seed)
    {
        var random = new Random(seed);
        byte[] answer = [];
        var host = new ProviderEmulator().Respond(_ => EmulatedReply.Raw(answer, "application/json"));
        await using var zhipu = ZhipuClient(host, TimeProvider.System);
        await using var local = LocalClient(host, o => o.Services["own"] = new ZhipuLocalServiceOptions
        {
            Path = "own", Request = "{}", Text = "/result/0/text", Image = "/images", Error = "/error",
            Job = new ZhipuLocalJobOptions { Id = "/job", Status = "/state", Succeeded = { "over" }, Video = "/files" },
        });
        var options = new ChatOptions { ModelId = "zhipu-local/own" };
        Func<Task>[] calls =
        [
            () => zhipu.AttachVideo("zhipu/cogvideox-3", "job-1").GetStatusAsync(),
            () => zhipu.StartVideoAsync("zhipu/cogvideox-3", new VideoRequest { Prompt = "a" }),
            () => zhipu.AttachChat("zhipu/glm-4.6", "job-1").GetStatusAsync(),
            () => zhipu.GenerateImageAsync("zhipu/cogview-4", new ImageRequest("a")),
            () => local.GetResponseAsync("a", options),
            () => local.StreamTextAsync("a", options).ToListAsync(),
            () => local.GenerateImageAsync("zhipu-local/own", new ImageRequest("a")),
            () => local.StartVideoAsync("zhipu-local/own", new VideoRequest { Prompt = "a" }),
            () => local.AttachVideo("zhipu-local/own", "1").GetStatusAsync(),
            () => local.InvokeAsync("zhipu-local/own", new Snippet("a", "b"), ServiceJson.Default.Snippet, ServiceJson.Default.Code),
        ];

        for (int i = 0; i < Mutations; i++)
        {
            answer = Mutated(Answers[random.Next(Answers.Length)], random);
            foreach (Func<Task> call in calls)
            {
                try
                {
                    await call();
                }
                catch (HarborException)
                {
                    // Ours: what the test wants, beside a result.
                }
                catch (Exception e)
                {
                    Assert.Fail($"Seed {seed}, mutation {i}: {e.GetType().Name} for {JsonEncodedText.Encode(Encoding.Latin1.GetString(answer))}\n{e}");
                }
            }
        }

        zhipu.Outstanding().Should().Be(Outstanding.None);
        local.Outstanding().Should().Be(Outstanding.None);
    }

    private static byte[] Mutated(byte[] answer, Random random)
    {
        List<byte> bytes = [.. answer];
        for (int changes = random.Next(1, 4); changes > 0 && bytes.Count > 0; changes--)
        {
            int at = random.Next(bytes.Count);
            int length = Math.Min(random.Next(1, 12), bytes.Count - at);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes.RemoveRange(at, length); break;
                case 2: bytes.InsertRange(at, bytes.GetRange(at, length)); break;
                case 3: bytes.InsertRange(at, "\\ud800"u8.ToArray()); break;
                case 4: bytes.InsertRange(at, Encoding.ASCII.GetBytes(new string('[', random.Next(1, 100)))); break;
                default: bytes.InsertRange(at, "null"u8.ToArray()); break;
            }
        }

        return [.. bytes];
    }
}
