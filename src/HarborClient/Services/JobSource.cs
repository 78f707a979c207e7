using HarborClient.Pipeline;

namespace HarborClient.Services;

/// <summary>What a job needs of its client. Immutable.</summary>
/// <param name="Services">Time and the client's end.</param>
/// <param name="Options">Validated and copied.</param>
/// <param name="Prompts">What the job was started with, where that was here: errors are not to quote it.</param>
/// <param name="LookAsync">Asks for the job's state, for no longer than the given time; with its result, once it has one.</param>
internal sealed record JobSource<TResult>(
    CallServices Services, JobOptions Options, string[] Prompts, Func<TimeSpan, CancellationToken, Task<(JobAnswer Answer, TResult? Result)>> LookAsync)
    where TResult : class;
