using System.Collections;
using System.Runtime.CompilerServices;

namespace FlamingoGpu.Core;

/// <summary>
/// Extents of a tensor, outermost first. Immutable; equal when all extents are. Rank 0 is a scalar of one element;
/// an extent of 0 makes an empty tensor. Every product is checked.
/// </summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public sealed class Shape : IEquatable<Shape>, IEnumerable<long>
{
    /// <summary>The shape of a single number.</summary>
    public static readonly Shape Scalar = new([]);

    private readonly long[] _extents;

    private Shape(long[] extents)
    {
        _extents = extents;
        ElementCount = 1;
        foreach (var extent in extents)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent);
            ElementCount = checked(ElementCount * extent);
        }
    }

    /// <summary>Makes a shape; this is what a collection expression <c>[2, 3]</c> calls.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An extent is negative.</exception>
    /// <exception cref="OverflowException">The element count does not fit 63 bits.</exception>
    public static Shape Create(ReadOnlySpan<long> extents) => new(extents.ToArray());

    /// <summary>Number of axes.</summary>
    public int Rank => _extents.Length;

    /// <summary>Product of all extents; 1 for a scalar.</summary>
    public long ElementCount { get; }

    /// <summary>Extent of one axis; negative positions count from the end, as in <c>shape[^1]</c>.</summary>
    public long this[Index axis] => _extents[axis];

    /// <summary>Extent of one axis as an <see cref="int"/>.</summary>
    /// <exception cref="OverflowException">The extent does not fit 31 bits.</exception>
    public int Int(Index axis) => checked((int)_extents[axis]);

    /// <summary>The extents.</summary>
    public ReadOnlySpan<long> Extents => _extents;

    /// <summary>The same shape with the last extent replaced.</summary>
    public Shape WithLast(long extent)
    {
        var copy = (long[])_extents.Clone();
        copy[^1] = extent;
        return new Shape(copy);
    }

    /// <summary>Product of all extents but the last: how many rows a matrix view of the tensor has.</summary>
    public long RowCount
    {
        get
        {
            long rows = 1;
            for (var axis = 0; axis < _extents.Length - 1; axis++) rows *= _extents[axis];
            return rows;
        }
    }

    /// <inheritdoc/>
    public bool Equals(Shape? other) => other is not null && _extents.AsSpan().SequenceEqual(other._extents);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Shape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var extent in _extents) hash.Add(extent);
        return hash.ToHashCode();
    }

    /// <summary>True when both are null or have equal extents.</summary>
    public static bool operator ==(Shape? left, Shape? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Negation of equality.</summary>
    public static bool operator !=(Shape? left, Shape? right) => !(left == right);

    /// <summary>The extents in brackets, such as <c>[64, 1024]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", _extents)}]";

    /// <inheritdoc/>
    public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)_extents).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _extents.GetEnumerator();
}
