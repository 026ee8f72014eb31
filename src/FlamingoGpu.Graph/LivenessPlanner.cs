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
    public static long Plan(IReadOnlyList<GraphNode> nodes, IReadOnlyList<Storage> storages)
    {
        MarkLifetimes(nodes);
        ShareInPlace(nodes);
        var owners = storages
            .Where(s => s.Kind is StorageKind.Input || (s.Kind is StorageKind.Activation && s.SharedWith is null && !s.IsBoundToState))
            .OrderByDescending(s => s.ByteLength)
            .ToList();
        var placed = new List<Storage>(owners.Count); // by ascending offset
        long arenaBytes = 0;
        foreach (var storage in owners)
        {
            storage.ArenaOffset = LowestFreeOffset(storage, placed);
            placed.Insert(IndexBehind(placed, storage.ArenaOffset), storage);
            arenaBytes = Math.Max(arenaBytes, storage.ArenaOffset + Align(storage.ByteLength));
        }

        return arenaBytes;
    }

    private static void MarkLifetimes(IReadOnlyList<GraphNode> nodes)
    {
        foreach (var node in nodes)
        {
            node.Output.Storage.FirstNode = node.Index;
            node.Output.Storage.LastNode = node.Index;
            foreach (var input in node.Inputs) input.Storage.LastNode = Math.Max(input.Storage.LastNode, node.Index);
        }
    }

    private static void ShareInPlace(IReadOnlyList<GraphNode> nodes)
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
            var readElsewhere = node.Inputs.Where((_, i) => i != position).Any(other => other.Storage.Owner == owner);
            if (!inputDiesHere || readElsewhere || !input.CoversStorage || input.Type != node.Output.Type) continue;
            output.SharedWith = owner;
            owner.LastNode = Math.Max(owner.LastNode, output.LastNode);
            owner.IsKept |= output.IsKept;
        }
    }

    private static long LowestFreeOffset(Storage storage, List<Storage> placed)
    {
        var bytes = Align(storage.ByteLength);
        long offset = 0;
        foreach (var other in placed)
        {
            if (!Overlaps(storage, other)) continue;
            if (offset + bytes <= other.ArenaOffset) break;
            offset = Math.Max(offset, other.ArenaOffset + Align(other.ByteLength));
        }

        return offset;
    }

    private static int IndexBehind(List<Storage> placed, long offset)
    {
        var index = placed.Count;
        while (index > 0 && placed[index - 1].ArenaOffset > offset) index--;
        return index;
    }

    private static bool Overlaps(Storage left, Storage right) =>
        left.FirstNode <= End(right) && right.FirstNode <= End(left);

    private static int End(Storage storage) => storage.IsKept ? int.MaxValue : storage.LastNode;

    private static long Align(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;
}
