using FlamingoGpu.Ptx.Reading;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>Estimates registers for each thread: the most 32-bit values alive at any instruction.</summary>
internal static class Liveness
{
    /// <summary>What a driver's compiler needs besides values: addresses it strength-reduces, scratch, the stack
    /// pointer.</summary>
    private const int Overhead = 8;
    private const int Most = 255;

    public static int Estimate(PtxEntry kernel)
    {
        var code = kernel.Instructions;
        var words = (kernel.Registers.Count + 63) / 64;
        var weights = kernel.Registers.Select(r => r.Type == PtxType.Pred ? 0 : Math.Max(1, r.Type.ByteSize() / 4))
            .ToArray();
        var before = new ulong[(code.Count + 1) * words];
        var scratch = new ulong[words];
        var writtenOnce = WrittenOnce(kernel);
        var peak = 0;
        for (var changed = true; changed;)
        {
            changed = false;
            for (var i = code.Count - 1; i >= 0; i--)
            {
                Transfer(code, i, words, before, scratch, writtenOnce);
                var own = before.AsSpan(i * words, words);
                if (own.SequenceEqual(scratch)) continue;
                scratch.CopyTo(own);
                changed = true;
            }
        }

        for (var i = 0; i < code.Count; i++) peak = Math.Max(peak, Weigh(before.AsSpan(i * words, words), weights));
        return Math.Min(Most, peak + Overhead);
    }

    /// <summary>A register written once holds nothing before, guarded or not; only a guarded change keeps what was
    /// there.</summary>
    private static bool[] WrittenOnce(PtxEntry kernel)
    {
        var writes = new int[kernel.Registers.Count];
        foreach (var instruction in kernel.Instructions)
        {
            var written = instruction.Operands.Take(instruction.DestinationCount);
            foreach (var register in written.SelectMany(operand => operand.AllRegisters())) writes[register.Index]++;
        }

        return Array.ConvertAll(writes, count => count == 1);
    }

    private static void Transfer(
        IReadOnlyList<PtxInstruction> code, int index, int words, ulong[] before, ulong[] live, bool[] writtenOnce)
    {
        var instruction = code[index];
        Array.Clear(live);
        var ends = instruction.Opcode is "ret" or "exit" or "trap" or "bra" && instruction.Guard is null;
        if (!ends) Merge(live, before.AsSpan((index + 1) * words, words));
        if (instruction.Opcode == "bra") Merge(live, before.AsSpan(instruction.Operands[0].Target * words, words));
        var written = instruction.ReadsDestination ? 0 : instruction.DestinationCount;
        for (var i = 0; i < written; i++)
        {
            foreach (var register in instruction.Operands[i].AllRegisters())
            {
                if (instruction.Guard is not null && !writtenOnce[register.Index]) continue;
                live[register.Index / 64] &= ~(1UL << (register.Index % 64));
            }
        }

        if (instruction.Guard is { } guard) live[guard.Index / 64] |= 1UL << (guard.Index % 64);
        for (var i = written; i < instruction.Operands.Count; i++)
        {
            foreach (var register in instruction.Operands[i].AllRegisters())
            {
                live[register.Index / 64] |= 1UL << (register.Index % 64);
            }
        }
    }

    private static void Merge(ulong[] live, ReadOnlySpan<ulong> other)
    {
        for (var i = 0; i < live.Length; i++) live[i] |= other[i];
    }

    private static int Weigh(ReadOnlySpan<ulong> live, int[] weights)
    {
        var sum = 0;
        for (var i = 0; i < weights.Length; i++) sum += (live[i / 64] >> (i % 64) & 1) != 0 ? weights[i] : 0;
        return sum;
    }
}
