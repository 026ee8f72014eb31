namespace FlamingoGpu.Formats;

/// <summary>A dictionary of a pickle: pairs in the order they were set. Keys are not compared.</summary>
internal sealed class PickleDict
{
    private List<KeyValuePair<object?, object?>>? _items;

    /// <summary>All pairs.</summary>
    public IReadOnlyList<KeyValuePair<object?, object?>> Items =>
        _items ?? (IReadOnlyList<KeyValuePair<object?, object?>>)[];

    /// <summary>Appends a pair.</summary>
    public void Add(object? key, object? value) => (_items ??= new(1)).Add(new(key, value));

    /// <summary>Appends all pairs of another dictionary.</summary>
    public void AddAll(PickleDict other) => (_items ??= new(other.Items.Count)).AddRange(other.Items);
}
