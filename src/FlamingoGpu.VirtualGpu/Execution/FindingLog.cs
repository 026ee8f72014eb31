namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>Collects findings; one for each kind and instruction, the rest are counted.</summary>
internal sealed class FindingLog(string kernel)
{
    private readonly Dictionary<(FindingKind, int), Finding> _byPlace = [];
    private readonly List<Finding> _inOrder = [];

    public IReadOnlyList<Finding> Findings => _inOrder;

    public void Report(FindingKind kind, Op op, Warp warp, int lane, ulong address, string message)
    {
        var instruction = op.Instruction;
        if (_byPlace.TryGetValue((kind, instruction.Line), out var known))
        {
            known.Count++;
            return;
        }

        Add(new Finding(kind, kernel, instruction.Line, instruction.Source, instruction.Form, warp.Block.Index,
            warp.Index, lane, address, message)
        {
            Place = warp.Block.Run.Heap.Describe(address),
        });
    }

    public void Add(Finding finding)
    {
        if (_byPlace.TryAdd((finding.Kind, finding.Line), finding)) _inOrder.Add(finding);
    }
}
