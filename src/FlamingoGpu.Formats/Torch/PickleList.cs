namespace FlamingoGpu.Formats;

/// <summary>A list of a pickle. (A tuple is an array of objects.)</summary>
internal sealed class PickleList
{
    private List<object?>? _items;

    /// <summary>All elements.</summary>
    public IReadOnlyList<object?> Items => _items ?? (IReadOnlyList<object?>)[];

    /// <summary>Appends elements.</summary>
    public void Add(ReadOnlySpan<object?> values) => (_items ??= new(values.Length)).AddRange(values);
}
