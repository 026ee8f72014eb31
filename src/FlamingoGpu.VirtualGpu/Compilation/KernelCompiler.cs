using FlamingoGpu.Core;
using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;

namespace FlamingoGpu.VirtualGpu.Compilation;

/// <summary>Turns a checked kernel into operations.</summary>
internal static class KernelCompiler
{
    public static Program Compile(PtxEntry kernel, Func<PtxVariable, ulong> moduleAddress)
    {
        var registers = new RegisterFile(kernel);
        var flow = new ControlFlow(kernel.Instructions);
        var ops = new Op[kernel.Instructions.Count];
        for (var i = 0; i < ops.Length; i++)
        {
            var rejoin = kernel.Instructions[i].Opcode == "bra" ? flow.RejoinOf(i) : -1;
            ops[i] = Compile(new Decoder(kernel.Instructions[i], registers, moduleAddress, rejoin));
        }

        return new Program
        {
            Kernel = kernel,
            Ops = ops,
            RegisterUnits = registers.Units,
            ShadowCount = registers.ShadowCount,
            Literals = registers.Literals,
            Specials = registers.Specials,
            SharedCellShift = CellShift(kernel, PtxSpace.Shared),
            GlobalCellShift = CellShift(kernel, PtxSpace.Global),
            RegistersPerThread = Liveness.Estimate(kernel),
        };
    }

    private static Op Compile(Decoder decoder)
    {
        var instruction = decoder.Instruction;
        var op = (instruction.Opcode switch
        {
            "ld" or "st" or "atom" or "red" or "cp" or "ldmatrix" or "prefetch" or "fence" or "membar" =>
                MemoryCompiler.Compile(decoder),
            "mov" or "cvta" or "selp" or "createpolicy" => MoveCompiler.Compile(decoder),
            "cvt" => ConversionCompiler.Compile(decoder),
            "setp" or "testp" => ComparisonCompiler.Compile(decoder),
            "bra" or "ret" or "exit" or "trap" or "bar" or "barrier" or "shfl" or "vote" or "match" or "redux"
                or "activemask" or "mma" or "movmatrix" => WarpCompiler.Compile(decoder),
            _ => ArithmeticCompiler.Compile(decoder),
        }) ?? throw new DeviceException(
            $"virtual device: {instruction} is legal PTX that the virtual GPU does not execute.");
        op.Attach(instruction, decoder.Guard());
        return op;
    }

    /// <summary>Log2 of the narrowest access to a space, at most 2; generic accesses count for both.</summary>
    private static int CellShift(PtxEntry kernel, PtxSpace space)
    {
        var narrowest = 4;
        foreach (var instruction in kernel.Instructions)
        {
            if (instruction.Opcode is "cp" && space == PtxSpace.Global && instruction.Operands.Count == 4)
            {
                narrowest = 1;
            }
            if (instruction.Opcode is not ("ld" or "st" or "atom" or "red")) continue;
            if (instruction.Space != space && instruction.Space != PtxSpace.Generic) continue;
            narrowest = Math.Min(narrowest, instruction.Type.ByteSize());
        }

        return narrowest == 1 ? 0 : narrowest == 2 ? 1 : 2;
    }
}
