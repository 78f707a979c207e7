using System.Diagnostics;

namespace HarborClient.IntegrationTests.Stores;

/// <summary>A test that needs a disk of its own; skipped where the system lets nobody mount one.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountFactAttribute : FactAttribute
{
    private static readonly bool CanMount = TryMount();

    public MountFactAttribute()
    {
        if (!CanMount) Skip = "`unshare --map-root-user --mount` with a tmpfs in it is not allowed here.";
    }

    private static bool TryMount()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/unshare")) return false;
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/unshare", ["--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
