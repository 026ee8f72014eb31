namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>A launch among those that may start before the ones in front of them are done.</summary>
/// <param name="Number">Of the chain: all launches since one that waited for everything; 0 on a device without.</param>
/// <param name="StartsEarly">True when this launch itself may start early.</param>
internal readonly record struct LaunchChain(int Number, bool StartsEarly);
