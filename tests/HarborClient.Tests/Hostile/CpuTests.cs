namespace HarborClient.Tests.Hostile;

// The work for an answer grows with its bytes, whatever it is made of.
public sealed class CpuTests
{
    // These bodies take well under a second; where work grows with the square of the size, more than 20 s.
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(5);

    [Fact]
    public Task Usage_alone_a_hundred_thousand_times_before_the_text() =>
        ShouldStayFast(Wire.Repeated("data:{\"usage\":{}}\n\n", 200_000) + Wire.Event("text") + Wire.End, 1 << 20);

    [Fact]
    public Task The_finish_a_hundred_thousand_times_before_the_text() =>
        ShouldStayFast(Wire.Repeated("data:{\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n", 200_000) + Wire.Event("text") + Wire.End, 1 << 20);

    [Fact]
    public Task An_event_of_a_million_empty_lines_in_small_reads() =>
        ShouldStayFast(Wire.Repeated("data:\n", 2_500_000) + Wire.Event("text") + Wire.End, 1024);

    [Fact]
    public Task White_space_in_small_reads_before_the_first_event() =>
        ShouldStayFast(new string('\n', 8 << 20) + Wire.Event("text") + Wire.End, 1024);

    [Fact]
    public Task White_space_in_small_reads_before_a_whole_answer() =>
        ShouldStayFast(new string(' ', 8 << 20) + Wire.Whole("text"), 1024, isStreaming: false);

    [Fact]
    public Task One_long_event_in_tiny_reads() =>
        ShouldStayFast(Wire.Event(new string('a', 4 << 20)) + Wire.End, 64, text: new string('a', 4 << 20));

    [Fact]
    public Task A_tool_call_of_many_fragments_after_many_calls()
    {
        string calls = string.Join(',', Enumerable.Range(0, 200).Select(i => $$$"""{"id":"{{{i:000}}}xxxxxxxxxxxxxxxxxxxx","function":{"name":"f"}}"""));
        string fragments = Wire.Repeated(",{\"id\":\"000xxxxxxxxxxxxxxxxxxxx\"}", 300_000);

        return ShouldStayFast(Wire.ToolEvent(calls + fragments) + Wire.Event("text") + Wire.End, 1 << 20);
    }

    private static async Task ShouldStayFast(string body, int bytesPerRead, bool isStreaming = true, string text = "text")
    {
        await using FastClient client = HostileClients.One(new HostileHandler(() => Wire.Reply(new HostileBody(body, bytesPerRead), isStreaming ? Wire.EventStream : Wire.Json)));

        Task<string> answer = Task.Run(() => client.TextAsync(isStreaming));

        (await answer.WaitAsync(Guard)).Should().Be(text);
        client.Outstanding().Should().Be(Outstanding.None);
    }
}
