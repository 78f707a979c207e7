using System.Buffers;
using System.Security.Cryptography;
using HarborClient.Caching;
using HarborClient.Pools;

namespace HarborClient.Pipeline.Stages;

// Hot path: once per call that may be cached, over its whole request.

/// <summary>
/// Where a request is written whose bytes are only hashed. However long it is, no more than a piece of it is held: a full one is hashed, and written over. Each thread keeps one; whoever
/// rents it returns it, on the same thread.
/// </summary>
internal sealed class KeyScratch : IBufferWriter<byte>
{
    internal const int DigestBytes = SHA256.HashSizeInBytes;

    private const int PieceBytes = 16 << 10;

    [ThreadStatic]
    private static KeyScratch? _kept;

    private readonly Call _draft = Call.NewDraft();
    private byte[] _piece = new byte[PieceBytes];
    private int _length;
    private KeyHash _hash;
    private IncrementalHash? _digest;
    private bool _isNamed;

    // Whether a full piece was written over, so that the digest has begun.
    private bool _hasSpilled;

    private KeyScratch()
    {
    }

    /// <summary>The request as its target would be sent it.</summary>
    internal Call Draft => _draft;

    /// <param name="services">The client's.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="settings">For whom.</param>
    /// <param name="target">Where it would be sent.</param>
    /// <param name="isNamed">Whether a cryptographic hash is wanted too.</param>
    internal static KeyScratch Rent(CallServices services, CallRequest request, CallSettings settings, Target target, bool isNamed)
    {
        // A converter of the caller's may ask for something itself meanwhile, which gets another one.
        KeyScratch scratch = _kept ?? new KeyScratch();
        _kept = null;
        scratch._draft.DraftAs(services, request, settings, target);
        scratch._isNamed = isNamed;
        return scratch;
    }

    internal void Return()
    {
        _draft.ForgetDraft();
        PooledBuffer.Poison(_piece);
        if (_piece.Length > PooledBuffer.MaxKeptBytes) _piece = new byte[PieceBytes];
        _length = 0;
        _hash = default;
        if (_hasSpilled) _digest?.GetHashAndReset();
        _hasSpilled = false;
        _kept = this;
    }

    internal CacheKey Key() => _hash.With(Written);

    /// <summary>The SHA-256 of what was written. A request of one piece pays for it only here, which a hit in memory does not come to. Once.</summary>
    internal void Digest(Span<byte> digest)
    {
        if (!_hasSpilled)
        {
            SHA256.HashData(Written, digest);
            return;
        }

        _digest!.AppendData(Written);
        _digest.GetHashAndReset(digest);
    }

    private ReadOnlySpan<byte> Written => _piece.AsSpan(0, _length);

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureFree(Math.Max(1, sizeHint));
        return _piece.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureFree(Math.Max(1, sizeHint));
        return _piece.AsSpan(_length);
    }

    private void EnsureFree(int bytes)
    {
        if (_piece.Length - _length >= bytes) return;
        Spill();
        if (_piece.Length - _length < bytes) Array.Resize(ref _piece, _length + bytes);
    }

    /// <summary>Hashes what is there, but for the last bytes that are no whole block: those stay.</summary>
    private void Spill()
    {
        int taken = _hash.Append(Written);
        if (taken == 0) return;
        if (_isNamed) (_digest ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256)).AppendData(Written[..taken]);
        _hasSpilled = _isNamed;
        Written[taken..].CopyTo(_piece);
        _length -= taken;
    }
}
