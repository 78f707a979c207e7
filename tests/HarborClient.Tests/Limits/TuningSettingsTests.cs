using HarborClient.Testing;

namespace HarborClient.Tests.Limits;

// Limits and their tuning as settings: every bound is said with the setting's name.
public sealed class TuningSettingsTests
{
    public static TheoryData<string, Action<LimitOptions>> OutOfBounds => new()
    {
        { "Limits.Tuning.TargetLatency must be 00:00:00.0010000 to 01:00:00 (was 00:00:00).", limits => limits.Tuning.TargetLatency = TimeSpan.Zero },
        { "Limits.Tuning.TargetLatency must be 00:00:00.0010000 to 01:00:00 (was 02:00:00).", limits => limits.Tuning.TargetLatency = TimeSpan.FromHours(2) },
        { "Limits.Tuning.TargetErrorRate must be above 0 and below 1 (was 0).", limits => limits.Tuning.TargetErrorRate = 0 },
        { "Limits.Tuning.TargetErrorRate must be above 0 and below 1 (was 1).", limits => limits.Tuning.TargetErrorRate = 1 },
        { "Limits.Tuning.TargetErrorRate must be above 0 and below 1 (was NaN).", limits => limits.Tuning.TargetErrorRate = double.NaN },
        { "Limits.Tuning.MaximumBatch must be 1 to 100,000 (was 0).", limits => limits.Tuning.MaximumBatch = 0 },
        { "Limits.Tuning.MaximumBatch must be 1 to 100,000 (was 100,001).", limits => limits.Tuning.MaximumBatch = 100_001 },
        { "Limits.Tuning.MinimumBatch must be 1 to 128 (MaximumBatch) (was 0).", limits => limits.Tuning.MinimumBatch = 0 },
        { "Limits.Tuning.MinimumBatch must be 1 to 10 (MaximumBatch) (was 11).", limits => (limits.Tuning.MinimumBatch, limits.Tuning.MaximumBatch) = (11, 10) },
        { "Limits.MinimumInFlight must be 1 to 200 (MaximumInFlight) (was 201).", limits => limits.MinimumInFlight = 201 },
        { "Limits.InitialInFlight must be 3 (MinimumInFlight) to 200 (MaximumInFlight) (was 2).", limits => (limits.MinimumInFlight, limits.InitialInFlight) = (3, 2) },
    };

    [Theory]
    [MemberData(nameof(OutOfBounds))]
    public void A_setting_out_of_bounds_is_said_when_the_client_is_built(string message, Action<LimitOptions> set)
    {
        Action build = () => TestClients.Local(new ProviderEmulator(), TimeProvider.System, options: lab => set(lab.Limits)).Dispose();

        HarborException error = build.Should().Throw<HarborException>().Which;
        error.Kind.Should().Be(ErrorKind.Configuration);
        error.Message.Should().EndWith(message);
    }
}
