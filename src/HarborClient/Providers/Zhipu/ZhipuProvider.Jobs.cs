using HarborClient.Pipeline;

namespace HarborClient.Providers.Zhipu;

/// <content>Images and long jobs.</content>
internal sealed partial class ZhipuProvider
{
    private ZhipuJobService? _jobs;

    internal override ServiceDialect? ServiceOf(Call attempt) => attempt.Request.Service is null or { Kind: ServiceKind.Own }
        ? base.ServiceOf(attempt)
        : _jobs ??= new ZhipuJobService(this, _errors.ReadInside);
}
