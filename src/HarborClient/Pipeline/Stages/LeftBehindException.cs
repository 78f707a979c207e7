namespace HarborClient.Pipeline.Stages;

/// <summary>A caller was too far behind the others who share its answer. Only <see cref="JoinedReader"/> sees it.</summary>
/// <param name="delivered">What the caller has had; null where that is taken back.</param>
/// <param name="target">Who gave it.</param>
internal sealed class LeftBehindException(SeamMatcher? delivered, Target target) : Exception("The caller was left behind.")
{
    internal SeamMatcher? Delivered => delivered;

    internal Target Target => target;
}
