namespace EncodeFarm.Farm.Wire;

/// <summary>Another number of slots, from now on.</summary>
public sealed record SetSlots(long Epoch, int Slots) : WireMessage;
