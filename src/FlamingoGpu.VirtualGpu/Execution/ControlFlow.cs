using FlamingoGpu.Ptx.Reading;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// Where the two sides of each branch must meet again: the branch's immediate post-dominator, found on the graph of
/// basic blocks (Cooper, Harvey and Kennedy's iteration on the reversed graph).
/// </summary>
internal sealed class ControlFlow
{
    private readonly IReadOnlyList<PtxInstruction> _code;
    private readonly int[] _blockOf;
    private readonly List<int> _starts = [];
    private readonly List<List<int>> _successors = [];
    private readonly int[] _postDominator;

    public ControlFlow(IReadOnlyList<PtxInstruction> code)
    {
        _code = code;
        _blockOf = new int[code.Count];
        FindBlocks();
        _postDominator = PostDominators();
    }

    /// <summary>Index of the instruction where the sides of the branch at <paramref name="branch"/> meet, or
    /// -1.</summary>
    public int RejoinOf(int branch)
    {
        var block = _postDominator[_blockOf[branch]];
        return block < 0 || block >= _starts.Count ? -1 : _starts[block];
    }

    private void FindBlocks()
    {
        var isStart = new bool[_code.Count + 1];
        isStart[0] = true;
        for (var i = 0; i < _code.Count; i++)
        {
            if (_code[i].Opcode == "bra") isStart[_code[i].Operands[0].Target] = true;
            if (_code[i].Opcode is "bra" or "ret" or "exit" or "trap") isStart[i + 1] = true;
        }

        for (var i = 0; i < _code.Count; i++)
        {
            if (isStart[i]) _starts.Add(i);
            _blockOf[i] = _starts.Count - 1;
        }

        var end = _starts.Count;
        for (var block = 0; block < end; block++)
        {
            var next = block + 1 < end ? _starts[block + 1] : _code.Count;
            var last = _code[next - 1];
            var successors = new List<int>();
            if (last.Opcode == "bra") successors.Add(_blockOf[last.Operands[0].Target]);
            if (last.Opcode is "ret" or "exit" or "trap") successors.Add(end);
            var fallsThrough = last.Guard is not null || last.Opcode is not ("bra" or "ret" or "exit" or "trap");
            if (fallsThrough && block + 1 < end) successors.Add(block + 1);
            _successors.Add(successors);
        }
    }

    /// <summary>
    /// For each block its immediate post-dominator; the virtual end is the index behind the last block, -1 means none.
    /// A guarded exit does not count as a way to the end: its threads leave, the others go on together.
    /// </summary>
    private int[] PostDominators()
    {
        var end = _starts.Count;
        var predecessors = new List<int>[end + 1];
        for (var i = 0; i <= end; i++) predecessors[i] = [];
        for (var block = 0; block < end; block++)
        {
            if (_successors[block].Count > 1) _successors[block].Remove(end);
            foreach (var successor in _successors[block]) predecessors[successor].Add(block);
        }

        var order = PostOrder(predecessors, end);
        var rank = new int[end + 1];
        Array.Fill(rank, -1);
        for (var i = 0; i < order.Count; i++) rank[order[i]] = i;
        var dominator = new int[end + 1];
        Array.Fill(dominator, -1);
        dominator[end] = end;
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = order.Count - 2; i >= 0; i--)
            {
                var block = order[i];
                var best = -1;
                foreach (var successor in _successors[block])
                {
                    if (dominator[successor] < 0) continue;
                    best = best < 0 ? successor : Meet(best, successor, dominator, rank);
                }

                if (best == dominator[block]) continue;
                dominator[block] = best;
                changed = true;
            }
        }

        return dominator;
    }

    private static int Meet(int a, int b, int[] dominator, int[] rank)
    {
        while (a != b)
        {
            while (rank[a] < rank[b]) a = dominator[a];
            while (rank[b] < rank[a]) b = dominator[b];
        }

        return a;
    }

    /// <summary>Depth-first post-order of the reversed graph, the end last; without recursion.</summary>
    private static List<int> PostOrder(List<int>[] edges, int root)
    {
        var order = new List<int>();
        var isSeen = new bool[edges.Length];
        var stack = new Stack<(int Node, int Next)>();
        stack.Push((root, 0));
        isSeen[root] = true;
        while (stack.Count > 0)
        {
            var (node, next) = stack.Pop();
            if (next == edges[node].Count)
            {
                order.Add(node);
                continue;
            }

            stack.Push((node, next + 1));
            var target = edges[node][next];
            if (isSeen[target]) continue;
            isSeen[target] = true;
            stack.Push((target, 0));
        }

        return order;
    }
}
