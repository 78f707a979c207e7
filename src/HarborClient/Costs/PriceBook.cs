using System.Security.Cryptography;
using System.Text.Json;
using HarborClient.Errors;
using HarborClient.Telemetry;
using Microsoft.Extensions.Logging;

namespace HarborClient.Costs;

/// <summary>The prices of one client: settings before the file before the catalogue, by provider and exact name, never by resemblance. Thread-safe.</summary>
internal sealed class PriceBook
{
    private readonly PriceOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly PriceEdition _own;
    private readonly Lazy<List<PriceRow>> _catalogue = new(PriceCatalogue.ReadAll);

    // Replaced as a whole by the one who holds _isReading.
    private volatile PriceEdition _edition;
    private (DateTime Written, long Length) _seen;
    private long _lookAt;
    private int _isReading;

    internal PriceBook(PriceOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _own = new PriceEdition("", [.. options.Rows()]);
        _edition = new PriceEdition(PriceCatalogue.Version + Suffix(), []);
        if (options.File is null) return;
        try
        {
            _edition = Read(options.File);
            _lookAt = NextLook();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
        {
            throw ErrorFactory.Setting(ErrorKind.Configuration, $"The price file '{options.File}' (Prices.File) cannot be used: {e.Message}", e);
        }
    }

    /// <summary>What happens at models without a price; null where nothing was set.</summary>
    internal UnpricedPolicy? Unpriced => _options.Unpriced;

    /// <summary>Which prices are in force.</summary>
    internal PriceEdition Edition => _edition;

    /// <summary>The price of a model in an edition.</summary>
    /// <param name="provider">The provider's registered name.</param>
    /// <param name="catalogueName">What the catalogue calls the provider; null where it cannot know its prices.</param>
    /// <param name="model">The model's exact name.</param>
    internal PriceTag Find(string provider, string? catalogueName, string model)
    {
        PriceEdition edition = _edition;
        PriceRow? row = _own.Find(provider, model) ?? edition.Find(provider, model);
        if (row is null && catalogueName is not null) row = edition.Find(catalogueName, model) ?? PriceCatalogue.Find(catalogueName, model);
        if (row is null && _options.Unpriced == UnpricedPolicy.EstimateHigh) row = Dearest(catalogueName);
        return new PriceTag(edition, row);
    }

    /// <summary>Looks, now and then and on another thread, whether the file has changed.</summary>
    internal void Refresh()
    {
        if (_options.File is null || _time.GetTimestamp() < Volatile.Read(ref _lookAt) || Interlocked.Exchange(ref _isReading, 1) != 0) return;
        ThreadPool.UnsafeQueueUserWorkItem(static book => book.ReadAgain(), this, preferLocal: false);
    }

    private void ReadAgain()
    {
        try
        {
            if (StampOf(_options.File!) != _seen) _edition = Read(_options.File!);
        }
        catch (Exception e)
        {
            // Whatever it is: on this thread nobody else catches it, and the process would end.
            Log.PriceFileRefused(_logger, _options.File!, _edition.Version, e.Message);
        }
        finally
        {
            Volatile.Write(ref _lookAt, NextLook());
            Volatile.Write(ref _isReading, 0);
        }
    }

    private long NextLook() => _time.GetTimestamp() + (long)(_options.ReloadEvery.TotalSeconds * _time.TimestampFrequency);

    private PriceEdition Read(string file)
    {
        // A file that cannot be read as it is now, or has gone, is not tried again before that changes.
        _seen = StampOf(file);
        if (_seen == default) throw new FileNotFoundException("it does not exist");
        if (_seen.Length > PriceFile.MaxBytes) throw new InvalidDataException($"it is larger than {PriceFile.MaxBytes:N0} bytes");
        byte[] bytes = File.ReadAllBytes(file);
        var edition = new PriceEdition($"{PriceCatalogue.Version}+file-{Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 4))}{Suffix()}", PriceFile.ReadAll(bytes));
        Log.PriceFileRead(_logger, file, edition.Count);
        return edition;
    }

    private static (DateTime Written, long Length) StampOf(string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? (info.LastWriteTimeUtc, info.Length) : default;
    }

    private string Suffix() => _own.Count > 0 ? "+settings" : "";

    /// <summary>A made-up row at the highest prices that are known; those of the provider, where it has any.</summary>
    private PriceRow Dearest(string? catalogueName)
    {
        TokenRates[] all = [.. _catalogue.Value.SelectMany(row => row.Periods.SelectMany(period => period.Tiers.Where(tier => tier.ServiceTier == RateTier.Standard).Select(tier => (row.Provider, tier.Rates))))
            .Where(price => catalogueName is null || price.Provider == catalogueName).Select(price => price.Rates)];
        long input = all.Max(rates => rates.DearestInput), output = all.Max(rates => rates.DearestOutput);
        var rates = new TokenRates
        {
            Input = input, Output = output, CachedInput = input, CacheWrite = input, CacheWriteOneHour = input, Reasoning = output, AudioInput = input, AudioOutput = output, ImageInput = input,
        };
        long search = _catalogue.Value.Max(row => row.NanoPerSearch?.Most ?? 0);
        return new PriceRow
        {
            Provider = catalogueName ?? "",
            Model = "",
            Periods = [new PricePeriod(null, null, [new RateTier(RateTier.Standard, -1, rates)])],
            NanoPerSearch = new SearchPrice(search, search),
            IsAssumed = true,
        };
    }
}
