using EncodeFarm.Pbm;

return await Client.RunAsync(args, PbmHost.OfProcess());
