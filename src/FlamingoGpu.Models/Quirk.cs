namespace FlamingoGpu.Models;

/// <summary>
/// A known deviation of some version of a reference implementation, as a model option. Off by default: it exists to
/// reproduce numbers that were made with it.
/// </summary>
/// <param name="Name">Name as <c>--quirk</c> takes it.</param>
/// <param name="Key">The model option (<see cref="FlamingoConfigKeys"/>).</param>
/// <param name="Value">Its value with the quirk.</param>
/// <param name="Description">Who does it, in a sentence.</param>
public sealed record Quirk(string Name, string Key, string Value, string Description);
