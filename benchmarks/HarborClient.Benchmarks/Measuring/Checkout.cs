namespace HarborClient.Benchmarks.Measuring;

/// <summary>The repository that this program was built from.</summary>
internal static class Checkout
{
    internal static string? Root()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HarborClient.sln"))) return folder.FullName;
        }

        return null;
    }
}
