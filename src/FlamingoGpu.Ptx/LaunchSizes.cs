namespace FlamingoGpu.Ptx;

/// <summary>
/// The sizes a launch is about, by the names the kernel's facts use: scalar parameters of that name, and sizes that
/// only
/// the grid knows (such as <c>rows</c> of a kernel with one block per row).
/// </summary>
/// <param name="values">Sizes by name; read, not copied.</param>
public sealed class LaunchSizes(IReadOnlyDictionary<string, long> values)
{
    /// <summary>The sizes of one launch.</summary>
    public static LaunchSizes Of(params ReadOnlySpan<(string Name, long Value)> sizes)
    {
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, value) in sizes) values.Add(name, value);
        return new LaunchSizes(values);
    }

    /// <summary>The size called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">The launch has no such size.</exception>
    public long this[string name] => values.TryGetValue(name, out var value)
        ? value
        : throw new ArgumentException($"The launch names no size '{name}'; it has {string.Join(", ", values.Keys)}.");
}
