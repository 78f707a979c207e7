using System.Text;

namespace HarborClient.Tests.Robustness;

// The same events with blanks before their JSON, another number of them than the event before has: it means the same, and no event can be recognised by its
// predecessor, so each is read token by token.
internal static class UnevenEvents
{
    public static byte[] Of(ReadOnlySpan<byte> body)
    {
        using var uneven = new MemoryStream();
        int position = 0;
        for (int events = 0; position < body.Length; events++)
        {
            int length = body[position..].IndexOf((byte)'\n') + 1;
            ReadOnlySpan<byte> line = length == 0 ? body[position..] : body.Slice(position, length);
            position += line.Length;
            if (line.StartsWith("data:{"u8) || line.StartsWith("data: {"u8))
            {
                uneven.Write("data:"u8);
                uneven.Write(Encoding.ASCII.GetBytes(new string(' ', 2 + (events % 7 * 2))));
                uneven.Write(line["data:".Length..]);
            }
            else
            {
                uneven.Write(line);
            }
        }

        return uneven.ToArray();
    }
}
