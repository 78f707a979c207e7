using HarborClient.Benchmarks;

return await Commands.RunAsync(args);
