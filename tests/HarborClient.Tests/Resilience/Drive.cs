using HarborClient.Testing;

namespace HarborClient.Tests.Resilience;

// Virtual time for a call over emulators in memory, where everything between two timers runs on the thread that advances.
internal static class Drive
{
    public static async Task<T> ToEnd<T>(ManualTimeProvider time, Task<T> call)
    {
        for (int step = 0; !call.IsCompleted; step++)
        {
            if (step > 10_000) throw new InvalidOperationException("The call does not end, whatever time passes.");
            if (time.PendingDues.Count == 0) return await call.WaitAsync(TestClients.Guard);
            time.Advance(time.PendingDues.Min());
        }

        return await call;
    }
}
