namespace HarborClient;

/// <content>A request that is written and not sent.</content>
public partial class Call
{
    /// <summary>Whether this is no attempt, but its request as it would be sent to a target: without what does not change the answer, such as streaming and labels.</summary>
    internal bool IsDraft => this is Draft;

    /// <summary>The request as it would be sent to a target, for whoever needs only its bytes. Nothing is opened, and nothing has to be ended.</summary>
    internal Call DraftFor(Target target) => new Draft(this, target);

    private sealed class Draft : Call
    {
        internal readonly Target Place;

        internal Draft(Call root, Target place) : base(root, root._services.Quiet)
        {
            Place = place;
            StreamsUpstream = false;
        }
    }
}
