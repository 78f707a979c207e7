using HarborClient;
using HarborClient.Testing;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);

// Only in Development, so that the sample answers without a key: an emulator on a free port takes the place of the host "lab".
await using EmulatorServer? emulator = builder.Environment.IsDevelopment() && builder.Configuration.GetValue<bool>("UseEmulator")
    ? await new ProviderEmulator().Otherwise(EmulatedReply.Answer("An answer of the emulator, a word at a time.")).StartAsync()
    : null;
if (emulator is not null) builder.Configuration["Harbor:Local:lab:Endpoint"] = emulator.Endpoint.ToString();

// <readme>
builder.Services.AddHarborAI(builder.Configuration.GetSection("Harbor"));
WebApplication app = builder.Build();

// Whoever closes the page cancels the call, and with it what the provider generates.
app.MapGet("/ask", (string question, FastClient harbor, CancellationToken cancellationToken) =>
    TypedResults.ServerSentEvents(harbor.StreamTextAsync(question, cancellationToken: cancellationToken)));
// </readme>

await app.RunAsync();
