namespace HarborClient;

/// <summary>What happens when a stream breaks after its first update was handed out.</summary>
public enum MidStreamPolicy
{
    /// <summary>The default: the stream ends with a <see cref="StreamInterruptedException"/> that carries the partial answer.</summary>
    Fail,

    /// <summary>
    /// The next target answers again. When its text starts with what the caller already has, the seam is invisible; otherwise one marked update
    /// (<see cref="HarborChatUpdateExtensions.IsRestart"/>) tells the caller to discard what came before.
    /// </summary>
    /// <remarks>Pieces of text (<see cref="HarborTextStream"/>) have no such mark: there a new answer that differs ends the stream as under <see cref="Fail"/>.</remarks>
    Restart,

    /// <summary>
    /// The next target that can continue an unfinished answer writes on where it stopped: one answer, without a seam or a mark. A target that cannot is passed
    /// over, and so is one that refuses; with none left the stream fails as under <see cref="Fail"/>.
    /// </summary>
    /// <remarks>
    /// Only own hosts that are said to (<see cref="LocalOptions.ContinuesAnswers"/>) continue answers: vLLM and SGLang. The clouds do not, or not reliably. Only
    /// an answer of nothing but text is continued: no reasoning, refusal or tool call shown, one choice, no <c>ResponseFormat</c>, grammar or probabilities, on chat
    /// completions, and the caller's last message is not the assistant's. Of a maximum of output tokens that the call sets what has arrived is taken off. The
    /// usage is the sum of all attempts; a broken one's is estimated where its host had not reported it. Balanced and Full also ask the same target again where there is no
    /// other. The text is handed over as text, so that at the seam its tokens may be others than the first target's. Plain calls that are streamed upstream start over.
    /// </remarks>
    Continue,
}
