namespace HarborClient.Pipeline;

/// <summary>Makes the keys of requests.</summary>
internal interface ICacheKeys
{
    /// <summary>The keys of a request at a target; null where it cannot be written, which asking will say.</summary>
    /// <param name="services">The client's.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="settings">For whom.</param>
    /// <param name="target">Where it would be sent.</param>
    /// <param name="isNamed">Whether the levels below memory are asked.</param>
    CacheUse? UseOf(CallServices services, CallRequest request, CallSettings settings, Target target, bool isNamed);
}
