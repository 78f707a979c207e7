namespace HarborClient.Pipeline;

/// <summary>A call's part in an answer that a detached call has made, for it alone or for several.</summary>
internal abstract class SharedAnswer : UpdateReader
{
    /// <summary>The call that asks on behalf of all: it belongs to nobody, and its attempts are those of each of them.</summary>
    internal abstract Call Root { get; }

    /// <summary>Whether the caller opened the answer. Until somebody else reads ahead of it, what it has had is what the root has collected.</summary>
    internal abstract bool IsOpener { get; }

    /// <summary>The call has ended: what it was shown is not looked at any more.</summary>
    internal abstract void OnCallEnded();

    /// <summary>The caller has left while a read was pending. From any thread.</summary>
    internal abstract void OnLeft();
}
