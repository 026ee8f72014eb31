using System.Globalization;

namespace FlamingoGpu.Ptx;

/// <summary>The shared memory of a kernel: arrays declared in the text, and one block sized at launch.</summary>
internal sealed class SharedLayout
{
    /// <summary>Name of the block sized at launch.</summary>
    public const string DynamicName = "dynamic_shared";

    private readonly List<(string Name, int Alignment, int Bytes)> _arrays = [];

    /// <summary>Bytes of the declared arrays, with their alignment gaps.</summary>
    public int StaticBytes => _arrays.Aggregate(0, (end, array) => Align(end, array.Alignment) + array.Bytes);

    /// <summary>Bytes of the block sized at launch.</summary>
    public int DynamicBytes { get; private set; }

    /// <summary>
    /// Bytes to ask for at launch: the block, and the gap that its alignment leaves behind the declared arrays, which
    /// a launch does not add by itself.
    /// </summary>
    public int LaunchBytes =>
        DynamicBytes == 0 ? 0 : DynamicBytes + Align(StaticBytes, DynamicAlignment) - StaticBytes;

    /// <summary>Alignment of the block sized at launch.</summary>
    public int DynamicAlignment { get; private set; } = 16;

    /// <summary>The declared arrays.</summary>
    public IReadOnlyList<(string Name, int Alignment, int Bytes)> Arrays => _arrays;

    /// <summary>Declares an array and returns its symbol.</summary>
    public string Declare(int bytes, int alignment)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"shared{_arrays.Count}");
        _arrays.Add((name, alignment, bytes));
        return name;
    }

    /// <summary>Takes the next part of the block sized at launch and returns its offset.</summary>
    public int Carve(int bytes, int alignment)
    {
        var offset = Align(DynamicBytes, alignment);
        DynamicBytes = checked(offset + bytes);
        DynamicAlignment = Math.Max(DynamicAlignment, alignment);
        return offset;
    }

    private static int Align(int value, int alignment) => checked(value + alignment - 1) / alignment * alignment;
}
