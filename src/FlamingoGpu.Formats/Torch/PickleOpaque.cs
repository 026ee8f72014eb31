namespace FlamingoGpu.Formats;

/// <summary>A value that is legal in a pickle but that nothing here looks into: bytes, a set, a huge integer.</summary>
/// <param name="Kind">What it is, for messages.</param>
internal sealed record PickleOpaque(string Kind)
{
    public static readonly PickleOpaque Bytes = new("bytes");
    public static readonly PickleOpaque Set = new("a set");
    public static readonly PickleOpaque HugeInteger = new("an integer beyond 64 bits");
    public static readonly PickleOpaque Other = new("a value");
}
