namespace FlamingoGpu.Formats;

/// <summary>
/// Training in parallel wraps a model, and its saved names then all begin with <c>module.</c>; released checkpoints
/// have it or not. Nothing is stripped when only some names have it: then it belongs to the model.
/// </summary>
internal static class ModulePrefix
{
    private const string Prefix = "module.";

    /// <summary>The prefix when every name has it, else the empty string.</summary>
    public static string CommonTo(IReadOnlyCollection<string> names) =>
        names.Count > 0 && names.All(IsPrefixed)
            ? Prefix
            : "";

    private static bool IsPrefixed(string name) =>
        name.Length > Prefix.Length && name.StartsWith(Prefix, StringComparison.Ordinal);
}
