namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// Of one warp, which registers of warpgroup products may be touched. From issue to wait they belong to the product;
/// products of one shape may follow each other on the same accumulators. Whatever else touched a register before a
/// product takes it needs a <c>wgmma.fence</c> in between, and the first product of a warp needs one in any case.
/// </summary>
internal sealed class MatrixRegisters(Program program)
{
    private readonly Use[] _uses = new Use[program.Kernel.Registers.Count];

    private enum State
    {
        /// <summary>Read or written by ordinary instructions since the last fence, as every register is at the
        /// start.</summary>
        Touched,
        Fenced,

        /// <summary>Last used by a product that was waited for.</summary>
        Settled,
    }

    public void Clear() => Array.Clear(_uses);

    /// <summary>An ordinary instruction reads or writes some of the registers.</summary>
    public void Touch(Warp warp, Op op, ReadOnlySpan<int> registers)
    {
        foreach (var register in registers)
        {
            ref var use = ref _uses[register];
            if (use.InFlight > 0)
            {
                warp.Report(FindingKind.RegisterInFlight, op, -1, 0,
                    $"{Name(register)} belongs to {use.By!.Instruction}, which no wgmma.wait_group has ended.");
            }

            use.State = State.Touched;
            use.Toucher = op;
        }
    }

    /// <summary><c>wgmma.fence</c>.</summary>
    public void Fence()
    {
        foreach (var register in program.MatrixRegisters) _uses[register].State = State.Fenced;
    }

    /// <summary>A product takes its accumulators (with its N as <paramref name="shape"/>), or with 0 its fragment of
    /// A.</summary>
    public void Take(Warp warp, Op op, ReadOnlySpan<int> registers, int shape)
    {
        foreach (var register in registers)
        {
            ref var use = ref _uses[register];
            if (use.InFlight > 0 && use.Shape != shape)
            {
                warp.Report(FindingKind.RegisterInFlight, op, -1, 0,
                    $"{Name(register)} belongs to {use.By!.Instruction}, which is under way and of another shape.");
            }
            else if (use.State == State.Touched || (use.State == State.Settled && use.Shape != shape))
            {
                warp.Report(FindingKind.MissingRegisterFence, op, -1, 0, use.Toucher is { } toucher
                    ? $"no wgmma.fence stands between {toucher.Instruction}, which touches {Name(register)}, and this."
                    : $"no wgmma.fence stands before this first product on {Name(register)}, or since one of another "
                        + "shape.");
            }

            use.InFlight++;
            use.Shape = shape;
            use.By = op;
        }
    }

    /// <summary>A product was waited for.</summary>
    public void Release(ReadOnlySpan<int> registers)
    {
        foreach (var register in registers)
        {
            ref var use = ref _uses[register];
            use.InFlight--;
            use.State = State.Settled;
        }
    }

    private string Name(int register) => program.Kernel.Registers[register].Name;

    private struct Use
    {
        public State State;
        public int InFlight;
        public int Shape;
        public Op? By;
        public Op? Toucher;
    }
}
