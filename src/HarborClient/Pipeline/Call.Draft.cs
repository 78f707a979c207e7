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

    /// <summary>A draft of nothing yet; it is used for one request after another.</summary>
    internal static Call NewDraft() => new Draft();

    /// <summary>From now on it is the draft of this request.</summary>
    internal void DraftAs(CallServices services, CallRequest request, CallSettings settings, Target target)
    {
        _services = services.Quiet;
        Request = request;
        Settings = settings;
        ((Draft)this).Place = target;
    }

    /// <summary>It keeps no request alive.</summary>
    internal void ForgetDraft()
    {
        Request = null!;
        Settings = null!;
        ((Draft)this).Place = null;
    }

    private sealed class Draft : Call
    {
        internal Target? Place;
    }
}
