using HarborClient.Benchmarks;

if (args is not ["quick"])
{
    Console.WriteLine("Usage: dotnet run -c Release --project benchmarks/HarborClient.Benchmarks -- quick");
    return 1;
}

await QuickComparison.RunAsync();
return 0;
