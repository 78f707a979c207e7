namespace HarborClient;

/// <summary>Sees each update of a call or an attempt, synchronously, on the reading thread.</summary>
public interface IUpdateObserver
{
    /// <summary>An update passed.</summary>
    /// <param name="call">The call or attempt it was registered on.</param>
    /// <param name="update">The update; its text is valid during this call only.</param>
    /// <returns><see langword="null"/> to go on, or the error that ends the answer here.</returns>
    Exception? OnUpdate(Call call, in HarborUpdate update);

    /// <summary>Everything seen so far is void: the answer starts over.</summary>
    void OnRestart();
}
