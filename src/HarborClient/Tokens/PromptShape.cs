namespace HarborClient.Tokens;

/// <summary>What a request consists of, as the estimate weighs it.</summary>
internal struct PromptShape
{
    /// <summary>The number of features that are weighed.</summary>
    internal const int Features = 8;

    /// <summary>Tokens of all texts, function calls and results, unweighed.</summary>
    internal double Text;

    /// <summary>Messages as the provider sees them: the instructions and each function result are one.</summary>
    internal int Messages;

    /// <summary>Tokens of the JSON that declares the functions.</summary>
    internal double Tools;

    /// <summary>Tokens of the JSON schema of the answer.</summary>
    internal double Format;

    /// <summary>Whether functions are offered: most providers then write a preamble for the model.</summary>
    internal bool HasTools;

    internal bool HasFormat;

    internal bool Reasons;

    /// <summary>Tokens of images and other media, by constants; not weighed.</summary>
    internal double Media;

    /// <summary>Whether there is nothing in the request but what is weighed, so that the reported usage says whether the weights are right.</summary>
    internal bool IsTextOnly;

    /// <summary>The features in the order of <see cref="TokenFamily.Priors"/>.</summary>
    internal readonly void CopyTo(Span<double> features)
    {
        features[0] = Text;
        features[1] = 1;
        features[2] = Messages;
        features[3] = HasTools ? 1 : 0;
        features[4] = Tools;
        features[5] = HasFormat ? 1 : 0;
        features[6] = Format;
        features[7] = Reasons ? 1 : 0;
    }
}
