namespace HarborClient;

/// <summary>What happens to a call at a model whose price is not known. Its cost is never taken for zero.</summary>
public enum UnpricedPolicy
{
    /// <summary>It is sent; its cost is <see langword="null"/>, and reports count it as unpriced.</summary>
    AllowAndFlag,

    /// <summary>It is sent, and reckoned at the dearest price that its provider, or else any provider, has in the catalogue; marked as an estimate.</summary>
    EstimateHigh,

    /// <summary>It is not sent, but refused with a <see cref="ErrorKind.Budget"/> error that names the model.</summary>
    Refuse,
}
