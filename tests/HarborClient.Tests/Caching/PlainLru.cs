namespace HarborClient.Tests.Caching;

// The measure of other policies: the least recently used one goes.
internal sealed class PlainLru(int room)
{
    private readonly Dictionary<int, LinkedListNode<int>> _nodes = [];
    private readonly LinkedList<int> _byUse = [];

    public static int HitsOf(int[] calls, int room)
    {
        var cache = new PlainLru(room);
        return calls.Count(cache.Ask);
    }

    // Whether it is there. It is afterwards.
    private bool Ask(int question)
    {
        bool isHit = _nodes.Remove(question, out LinkedListNode<int>? node);
        if (isHit) _byUse.Remove(node!);
        _nodes[question] = _byUse.AddFirst(question);
        if (_nodes.Count <= room) return isHit;
        _nodes.Remove(_byUse.Last!.Value);
        _byUse.RemoveLast();
        return isHit;
    }
}
