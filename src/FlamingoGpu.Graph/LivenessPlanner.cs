using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace FlamingoGpu.Graph;

/// <summary>
/// Places every activation of a graph in one arena. A storage is alive from the node that writes it to the last node
/// that reads it (to the end of the run if it is kept); storages alive at the same time never overlap. Larger storages
/// are placed first, each at the lowest offset that is free during its whole life. An op that may work in place takes
/// over the memory of its input when that input dies there.
/// </summary>
internal static class LivenessPlanner
{
    /// <summary>Every storage starts at a multiple of this many bytes, enough for any vector load and for the GPU.</summary>
    public const int Alignment = 256;

    /// <summary>Sets the arena offset of each storage.</summary>
    /// <returns>Size of the arena in bytes.</returns>
    public static long Plan(List<GraphNode> nodes, List<Storage> storages)
    {
        MarkLifetimes(nodes);
        ShareInPlace(nodes);
        var owners = storages
            .Where(s => s.Kind is StorageKind.Input || (s.Kind is StorageKind.Activation && s.SharedWith is null && !s.IsBoundToState))
            .OrderByDescending(s => s.ByteLength);
        var placed = new List<Place>(storages.Count); // by ascending start
        long arenaBytes = 0;
        foreach (var storage in owners)
        {
            var bytes = (storage.ByteLength + Alignment - 1) / Alignment * Alignment;
            var (first, last) = (storage.FirstNode, storage.IsKept ? int.MaxValue : storage.LastNode);
            var start = LowestFreeOffset(CollectionsMarshal.AsSpan(placed), bytes, first, last);
            storage.ArenaOffset = start;
            placed.Insert(IndexBehind(CollectionsMarshal.AsSpan(placed), start), new Place(start, start + bytes, first, last));
            arenaBytes = Math.Max(arenaBytes, start + bytes);
        }

        return arenaBytes;
    }

    private static void MarkLifetimes(List<GraphNode> nodes)
    {
        foreach (var node in nodes)
        {
            node.Output.Storage.FirstNode = node.Index;
            node.Output.Storage.LastNode = node.Index;
            foreach (var input in node.Inputs) input.Storage.LastNode = Math.Max(input.Storage.LastNode, node.Index);
        }
    }

    private static void ShareInPlace(List<GraphNode> nodes)
    {
        foreach (var node in nodes)
        {
            var position = node.Op.InPlaceInput;
            var output = node.Output.Storage;
            if (position < 0 || output.IsBoundToState) continue;
            var input = node.Inputs[position];
            var owner = input.Storage.Owner;
            var inputDiesHere = input.Storage.Kind == StorageKind.Activation && !owner.IsKept && !input.Storage.IsKept
                && !owner.IsBoundToState && input.Storage.LastNode == node.Index && owner.LastNode == node.Index;
            if (!inputDiesHere || !input.CoversStorage || input.Type != node.Output.Type) continue;
            var readers = 0;
            foreach (var other in node.Inputs) readers += other.Storage.Owner == owner ? 1 : 0;
            if (readers > 1) continue;
            output.SharedWith = owner;
            owner.LastNode = Math.Max(owner.LastNode, output.LastNode);
            owner.IsKept |= output.IsKept;
        }
    }

    // Quadratic in the storages, and mostly run by a process's first requests: compiled well at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long LowestFreeOffset(ReadOnlySpan<Place> placed, long bytes, int first, int last)
    {
        long offset = 0;
        foreach (var other in placed)
        {
            if (first > other.Last || other.First > last) continue;
            if (offset + bytes <= other.Start) break;
            offset = Math.Max(offset, other.End);
        }

        return offset;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int IndexBehind(ReadOnlySpan<Place> placed, long start)
    {
        var index = placed.Length;
        while (index > 0 && placed[index - 1].Start > start) index--;
        return index;
    }

    /// <summary>Bytes [Start, End) of the arena, taken while nodes First to Last run.</summary>
    private readonly record struct Place(long Start, long End, int First, int Last);
}
