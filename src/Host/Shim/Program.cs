return await Pavise.Host.Shim.ShimProgram.RunAsync(args);
