return await Pavise.Host.Runtime.RuntimeProgram.RunAsync(args);
