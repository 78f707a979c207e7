using HarborClient.Pipeline;

namespace HarborClient;

/// <content>A request that is written and not sent.</content>
public partial class Call
{
    /// <summary>
    /// Whether this is no attempt, but its request as it would be sent to a target, for whoever needs only its bytes: without what does not change the answer, such as streaming and labels.
    /// Nothing is opened, and nothing has to be ended.
    /// </summary>
    internal bool IsDraft => this is Draft;

    internal static Call DraftOf(CallServices services, CallRequest request, CallSettings settings, Target target) => new Draft(services.Quiet, request, settings, target);

    private sealed class Draft(CallServices services, CallRequest request, CallSettings settings, Target place) : Call(services, request, settings)
    {
        internal readonly Target Place = place;
    }
}
