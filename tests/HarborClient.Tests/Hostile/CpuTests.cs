namespace HarborClient.Tests.Hostile;

// The work for an answer grows with its bytes, whatever it is made of.
public sealed class CpuTests
{
    // These bodies take well under a second; where work grows with the square of the size, more than 20 s.
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(5);

    [Fact]
    public Task Usage_alone_two_hundred_thousand_times_before_the_text() =>
        ShouldStayFast(Wire.Repeated("data:{\"usage\":{}}\n\n", 200_000) + Wire.Event("text") + Wire.End, 1 << 20);

    [Fact]
    public Task The_finish_two_hundred_thousand_times_before_the_text() =>
        ShouldStayFast(Wire.Repeated("data:{\"choices\":[{\"finish_reason\":\"stop\"}]}\n\n", 200_000) + Wire.Event("text") + Wire.End, 1 << 20);

    [Fact]
    public Task An_event_of_millions_of_empty_lines_in_small_reads() =>
        ShouldStayFast(Wire.Repeated("data:\n", 2_500_000) + Wire.Event("text") + Wire.End, 1024);

    [Theory]
    [InlineData('\n', true)]
    [InlineData(' ', false)]
    public async Task White_space_without_end_is_refused_at_once(char space, bool isStreaming)
    {
        string body = new(space, 8 << 20);
        await using FastClient client = HostileClients.One(new HostileHandler(() => Wire.Reply(new HostileBody(body, 1024), isStreaming ? Wire.EventStream : Wire.Json)));

        Task<string> answer = Task.Run(() => client.TextAsync(isStreaming));

        (await HostileClients.ErrorAsync(() => answer.WaitAsync(Guard))).Kind.Should().Be(ErrorKind.Provider);
        client.Outstanding().Should().Be(Outstanding.None);
    }

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
