namespace FlamingoGpu.Cli;

/// <summary>Flags that belong together and that several verbs share.</summary>
/// <param name="Title">Heading in the reference.</param>
/// <param name="Flags">The flags, in the order of the reference.</param>
internal sealed record FlagGroup(string Title, params IReadOnlyList<Flag> Flags);
