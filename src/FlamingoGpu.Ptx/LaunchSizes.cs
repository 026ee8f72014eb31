namespace FlamingoGpu.Ptx;

/// <summary>
/// The few sizes a launch is about, by the names the kernel's facts use: scalar parameters of that name, and sizes that
/// only the grid knows (such as <c>rows</c> of a kernel with one block per row).
/// </summary>
public sealed class LaunchSizes
{
    private readonly (string Name, long Value)[] _sizes;

    private LaunchSizes((string Name, long Value)[] sizes) => _sizes = sizes;

    /// <summary>The sizes of one launch.</summary>
    public static LaunchSizes Of(params ReadOnlySpan<(string Name, long Value)> sizes) => new(sizes.ToArray());

    /// <summary>The size called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">The launch has no such size.</exception>
    public long this[string name]
    {
        get
        {
            foreach (var size in _sizes)
                if (size.Name == name) return size.Value;
            var names = string.Join(", ", _sizes.Select(size => size.Name));
            throw new ArgumentException($"The launch names no size '{name}'; it has {names}.");
        }
    }
}
