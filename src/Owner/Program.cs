using Pavise.Owner;

return await CommandLine.RunAsync(args);
