using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace HarborClient.Benchmarks.Measuring;

/// <summary>What a command prints, kept so that it can be written to benchmarks/results. Markdown.</summary>
internal sealed class Report
{
    private readonly StringBuilder _text = new();

    /// <summary>Title, machine, date and commit.</summary>
    internal void Begin(string title)
    {
        Line($"# {title}");
        Line();
        Line($"{Machine.Describe()}; {Machine.DescribeLoad()}.");
        Line(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC, commit {(Checkout.Root() is { } root ? Commit(root) : "unknown")}."));
    }

    internal void Line(string text = "")
    {
        Console.WriteLine(text);
        _text.AppendLine(text);
    }

    /// <summary>The lines of a judge, as they were printed.</summary>
    internal void Promises(IEnumerable<string> lines)
    {
        Line();
        Line("## Promises");
        Line();
        Line("```text");
        foreach (string line in lines) Line(line);
        Line("```");
    }

    internal void Row(params ReadOnlySpan<string> cells) => Line($"| {string.Join(" | ", cells)} |");

    internal void Header(params ReadOnlySpan<string> cells)
    {
        Row(cells);
        Line($"|{string.Concat(Enumerable.Repeat("---|", cells.Length))}");
    }

    /// <summary>Writes benchmarks/results/date-commit-command.md. Outside a checkout there is nowhere to write to.</summary>
    internal void Save(string command)
    {
        if (Checkout.Root() is not { } root) return;
        string name = string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}-{Commit(root)}-{command}.md");
        string folder = Path.Combine(root, "benchmarks", "results");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name), _text.ToString());
        Console.WriteLine($"Written to benchmarks/results/{name}.");
    }

    private static string Commit(string root)
    {
        using Process git = Process.Start(new ProcessStartInfo("git", ["-C", root, "describe", "--always", "--dirty"]) { RedirectStandardOutput = true })!;
        string commit = git.StandardOutput.ReadToEnd().Trim();
        git.WaitForExit();
        return commit.Length > 0 ? commit : "unknown";
    }
}
