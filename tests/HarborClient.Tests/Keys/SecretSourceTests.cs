using System.Security.Cryptography;
using HarborClient.Testing;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;

namespace HarborClient.Tests.Keys;

// Keys that are read from where they are kept.
public sealed class SecretSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("harbor-secrets-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_key_that_is_changed_in_its_source_is_changed_within_a_minute()
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time).Otherwise(EmulatedReply.Answer("hello"));
        File.WriteAllText(Path.Combine(_folder, "openai"), "sk-test-old-7Qm2xWv9\n");
        await using FastClient client = Client(provider, time, SecretSources.Folder(_folder), "openai");

        await client.GetResponseAsync("one");
        File.WriteAllText(Path.Combine(_folder, "openai"), "sk-test-new-7Qm2xWv9\n");
        await client.GetResponseAsync("two");
        time.Advance(TimeSpan.FromMinutes(1));
        await client.GetResponseAsync("three");

        provider.Attempts.Select(attempt => attempt.Headers["Authorization"]).Should().Equal("Bearer sk-test-old-7Qm2xWv9", "Bearer sk-test-old-7Qm2xWv9", "Bearer sk-test-new-7Qm2xWv9");
    }

    [Fact]
    public async Task A_key_that_the_host_does_not_accept_is_read_again_after_five_seconds()
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time).ThenAnswer("hello").Then(401).Then(401).Otherwise(EmulatedReply.Answer("hello"));
        File.WriteAllText(Path.Combine(_folder, "openai"), "sk-test-old-7Qm2xWv9");
        await using FastClient client = Client(provider, time, SecretSources.Folder(_folder), "openai");
        Func<Task> call = () => client.GetResponseAsync("hi");
        await call();
        File.WriteAllText(Path.Combine(_folder, "openai"), "sk-test-new-7Qm2xWv9");

        await call.Should().ThrowAsync<HarborException>();
        await call.Should().ThrowAsync<HarborException>("a source is not asked for every call");
        time.Advance(TimeSpan.FromSeconds(5));
        await call();

        provider.Attempts.Select(attempt => attempt.Headers["Authorization"]).Should().Equal("Bearer sk-test-old-7Qm2xWv9", "Bearer sk-test-old-7Qm2xWv9", "Bearer sk-test-old-7Qm2xWv9", "Bearer sk-test-new-7Qm2xWv9");
    }

    [Fact]
    public async Task While_its_source_cannot_be_read_a_key_serves_for_a_quarter_of_an_hour()
    {
        var time = new ManualTimeProvider();
        var provider = new ProviderEmulator(time).Otherwise(EmulatedReply.Answer("hello"));
        var source = new FlakySource();
        await using FastClient client = Client(provider, time, source, "openai");
        await client.GetResponseAsync("one");
        source.IsDown = true;

        time.Advance(TimeSpan.FromMinutes(14));
        await client.GetResponseAsync("two");
        time.Advance(TimeSpan.FromMinutes(2));
        Func<Task> late = () => client.GetResponseAsync("three");

        HarborException error = (await late.Should().ThrowAsync<HarborException>()).Which;
        error.Kind.Should().Be(ErrorKind.Authentication);
        error.Message.Should().Contain("UseSecrets");
    }

    [Fact]
    public async Task Each_provider_can_be_added_without_a_key_in_code()
    {
        File.WriteAllText(Path.Combine(_folder, "key"), "sk-test-key-7Qm2xWv9.secret");
        ISecretSource keys = SecretSources.Folder(_folder);
        var provider = new ProviderEmulator();
        HttpMessageHandler handler = provider.CreateHandler();
        void Read(ProviderOptions options)
        {
            options.UseHandler(handler);
            options.UseSecrets(keys, "key");
        }

        await using FastClient client = FastClient.Create(h => h.AddOpenAI(Read).AddClaude(Read).AddGemini(Read).AddZhipu(Read).UseLoggerFactory(KeyWatch.Loggers));

        foreach (string model in new[] { "openai/gpt-4o-mini", "claude/claude-haiku-4-5", "gemini/gemini-2.5-flash", "zhipu/glm-4.5-flash" }) await client.GetResponseAsync("hi", new ChatOptions { ModelId = model });
        provider.Attempts.Should().HaveCount(4);
    }

    [Fact]
    public async Task A_missing_secret_is_an_error_that_names_it()
    {
        await using FastClient client = Client(new ProviderEmulator(), TimeProvider.System, SecretSources.Environment(), "HARBOR_NO_SUCH_KEY");

        Func<Task> call = () => client.GetResponseAsync("hi");

        (await call.Should().ThrowAsync<HarborException>()).WithMessage("*HARBOR_NO_SUCH_KEY*");
    }

    [Fact]
    public async Task A_configuration_is_a_source()
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Keys:OpenAI", "sk-test-key-7Qm2xWv9")]).Build();

        (await SecretSources.Configuration(configuration).GetAsync("Keys:OpenAI")).Should().Be("sk-test-key-7Qm2xWv9");
    }

    [Fact]
    public async Task A_name_is_not_a_way_out_of_the_folder()
    {
        Func<Task> read = async () => await SecretSources.Folder(_folder).GetAsync("../secret");

        (await read.Should().ThrowAsync<HarborException>()).Which.Kind.Should().Be(ErrorKind.Configuration);
    }

    [Fact]
    public async Task A_sealed_secret_opens_with_its_key_and_under_its_name_only()
    {
        string path = Path.Combine(_folder, "secrets.json");
        byte[] key = RandomNumberGenerator.GetBytes(32);
        EncryptedSecretFile file = SecretSources.EncryptedFile(path, key);
        file.Set("openai", "sk-test-key-7Qm2xWv9");
        file.Set("claude", "sk-test-two-7Qm2xWv9");

        (await SecretSources.EncryptedFile(path, key).GetAsync("openai")).Should().Be("sk-test-key-7Qm2xWv9");
        (await file.GetAsync("gemini")).Should().BeNull();
        string written = File.ReadAllText(path);
        written.Should().NotContain("sk-test");
        File.WriteAllText(path, written.Replace("\"claude\"", "\"gemini\"", StringComparison.Ordinal));
        Func<Task> moved = async () => await file.GetAsync("gemini");
        Func<Task> other = async () => await SecretSources.EncryptedFile(path, RandomNumberGenerator.GetBytes(32)).GetAsync("openai");
        (await moved.Should().ThrowAsync<HarborException>()).Which.Message.Should().NotContain("sk-test");
        await other.Should().ThrowAsync<HarborException>();
        file.ToString().Should().NotContain("sk-test");
    }

    [Fact]
    public async Task A_removed_secret_is_gone_and_a_file_of_something_else_is_refused()
    {
        string path = Path.Combine(_folder, "secrets.json");
        EncryptedSecretFile file = SecretSources.EncryptedFile(path, RandomNumberGenerator.GetBytes(32));
        file.Set("openai", "sk-test-key-7Qm2xWv9");
        file.Set("openai", null);

        (await file.GetAsync("openai")).Should().BeNull();
        File.WriteAllText(path, "not json");
        Func<Task> read = async () => await file.GetAsync("openai");
        (await read.Should().ThrowAsync<HarborException>()).WithMessage("*no JSON object*");
        Directory.GetFiles(_folder).Should().ContainSingle();
    }

    private static FastClient Client(ProviderEmulator provider, TimeProvider time, ISecretSource source, params string[] names) =>
        TestClients.OpenAI(provider, time, options: o => o.UseSecrets(source, names));

    private sealed class FlakySource : ISecretSource
    {
        public bool IsDown { get; set; }

        public ValueTask<string?> GetAsync(string name, CancellationToken cancellationToken = default) =>
            IsDown ? throw new IOException("the vault is down") : new ValueTask<string?>("sk-test-key-7Qm2xWv9");
    }
}
