using Pavise.KeyBroker;

return await BrokerProgram.RunAsync(args, Console.Out, Console.Error);
