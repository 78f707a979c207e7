using System.Buffers;
using System.Text.Json;

namespace HarborClient.Costs;

/// <summary>An alert as it is posted.</summary>
internal static class AlertJson
{
    internal static byte[] Write(CostAlert alert)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, alert.Kind.ToString());
            json.WriteString("at"u8, alert.At.UtcDateTime);
            json.WriteString("message"u8, alert.Message);
            if (alert.Model is not null) json.WriteString("model"u8, alert.Model);
            if (alert.Threshold is { } threshold) json.WriteNumber("threshold"u8, threshold);
            if (alert.Budget is { } budget) Write(json, budget);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, BudgetStatus budget)
    {
        json.WriteStartObject("budget"u8);
        json.WriteString("name"u8, budget.Name);
        json.WriteString("for"u8, budget.For);
        json.WriteNumber("limit_usd"u8, budget.Limit.Usd);
        json.WriteNumber("spent_usd"u8, budget.Spent.Usd);
        json.WriteNumber("reserved_usd"u8, budget.Reserved.Usd);
        if (budget.ResetsAt is { } at) json.WriteString("resets_at"u8, at.UtcDateTime);
        json.WriteEndObject();
    }
}
