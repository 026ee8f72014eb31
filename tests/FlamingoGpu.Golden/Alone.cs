namespace FlamingoGpu.Golden;

/// <summary>Tests that count what the whole process does, and so run while no other test does.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
