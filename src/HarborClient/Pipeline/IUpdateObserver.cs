namespace HarborClient;

/// <summary>Sees each update of a call or an attempt, synchronously, on the reading thread.</summary>
public interface IUpdateObserver
{
    /// <summary>An update passed.</summary>
    /// <param name="call">The call or attempt it was registered on.</param>
    /// <param name="update">The update; its text is valid during this call only.</param>
    /// <returns><see langword="null"/> to go on, or the error that ends the answer here.</returns>
    Exception? OnUpdate(Call call, in HarborUpdate update);

    /// <summary>The answer of the attempt is whole: every update has passed, what it used included.</summary>
    /// <param name="call">The attempt it was registered on.</param>
    /// <returns><see langword="null"/>, or the error that the answer ends with after all.</returns>
    Exception? OnWhole(Call call) => null;

    /// <summary>Everything seen so far is void: the answer starts over.</summary>
    void OnRestart();
}
