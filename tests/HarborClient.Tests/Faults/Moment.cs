using System.Globalization;

namespace HarborClient.Tests.Faults;

// When something happens, in seconds of virtual time: "2", or "0..0.5" where a back-off is drawn by chance.
internal readonly record struct Moment(double From, double Until)
{
    // The clock counts in ticks, and a jitter may be rounded to one.
    private const double Tolerance = 0.001;

    public static Moment Parse(string text)
    {
        string[] parts = text.Split("..");
        return new Moment(double.Parse(parts[0], CultureInfo.InvariantCulture), double.Parse(parts[^1], CultureInfo.InvariantCulture));
    }

    public static Moment[] ParseAll(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];

    public bool Holds(TimeSpan time) => time.TotalSeconds >= From - Tolerance && time.TotalSeconds <= Until + Tolerance;

    public override string ToString() =>
        From == Until ? string.Create(CultureInfo.InvariantCulture, $"{From}") : string.Create(CultureInfo.InvariantCulture, $"{From}–{Until}");
}
