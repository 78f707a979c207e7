namespace HarborClient.Tests.Faults;

// What has to come of a fault in some modes and ways of calling. Times are since the start of the call.
internal sealed record FaultExpectation(FaultModes Modes, FaultWays Ways, string Got, Moment[] AskedA, Moment[] AskedB, Moment Took)
{
    public static FaultExpectation Of(FaultModes modes, FaultWays ways, string got, string a, string b, string? took)
    {
        Moment[] askedA = Moment.ParseAll(a);
        Moment[] askedB = Moment.ParseAll(b);

        // An answer or an error that comes at once, unless it is said otherwise.
        Moment end = took is not null ? Moment.Parse(took) : askedB.Length > 0 ? askedB[^1] : askedA[^1];
        return new FaultExpectation(modes, ways, got, askedA, askedB, end);
    }

    public override string ToString() => $"{Got} after {Took} s; a asked at {List(AskedA)}; b asked at {List(AskedB)}";

    public static string List(Moment[] asked) => asked.Length == 0 ? "–" : string.Join(", ", asked);
}
