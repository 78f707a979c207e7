namespace HarborClient.Edge;

/// <summary>A response that carries how its call went.</summary>
internal interface IKnowsItsCall
{
    HarborCallInfo Info { get; }
}
