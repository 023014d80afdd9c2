using EncodeFarm.Node.Cli;

return await CommandTree.RunAsync(args, CliHost.OfProcess());
