using System.Numerics;
using FlamingoGpu.Core;
using FlamingoGpu.Ptx.Reading;
using FlamingoGpu.VirtualGpu.Execution;
using FlamingoGpu.VirtualGpu.Operations;

namespace FlamingoGpu.VirtualGpu.Compilation;

/// <summary>Turns a checked kernel into operations.</summary>
internal static class KernelCompiler
{
    public static Program Compile(PtxEntry kernel, Func<PtxVariable, ulong> moduleAddress)
    {
        var registers = new RegisterFile(kernel);
        var flow = new ControlFlow(kernel.Instructions);
        var ops = new Op[kernel.Instructions.Count];
        var matrixRegisters = MatrixRegisters(kernel);
        for (var i = 0; i < ops.Length; i++)
        {
            var rejoin = kernel.Instructions[i].Opcode == "bra" ? flow.RejoinOf(i) : -1;
            ops[i] = Compile(new Decoder(kernel.Instructions[i], registers, moduleAddress, rejoin), i,
                matrixRegisters);
        }

        return new Program
        {
            Kernel = kernel,
            Ops = ops,
            RegisterUnits = registers.Units,
            ShadowCount = registers.ShadowCount,
            Literals = registers.Literals,
            Specials = registers.Specials,
            VariableUnits = registers.VariableUnits,
            SharedCellShift = SharedCellShift(kernel),
            Communicates = kernel.Instructions.Any(i => (i.Opcode is "fence" or "membar" && !i.Has("proxy"))
                || i.Has("acquire") || i.Has("release") || i.Has("acq_rel")),
            DependsOnOrder = kernel.Instructions.Any(DependsOnOrder),
            MatrixRegisters = [.. matrixRegisters.Order()],
            RegistersPerThread = Liveness.Estimate(kernel),
        };
    }

    private static Op Compile(Decoder decoder, int index, HashSet<int> matrixRegisters)
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
                or "activemask" or "mma" or "movmatrix" or "wgmma" => WarpCompiler.Compile(decoder),
            "griddepcontrol" => decoder.Has("wait") ? new AwaitPredecessorsOp() : new LaunchDependentsOp(),
            _ => ArithmeticCompiler.Compile(decoder),
        }) ?? throw new DeviceException(
            $"virtual device: {instruction} is legal PTX that the virtual GPU does not execute.");
        op.Attach(instruction, index, decoder.Guard(), Touched(instruction, matrixRegisters));
        return op;
    }

    private static HashSet<int> MatrixRegisters(PtxEntry kernel) =>
    [
        .. kernel.Instructions.Where(i => i.Opcode == "wgmma").SelectMany(i => i.Operands)
            .SelectMany(operand => operand.Registers).Select(register => register.Index),
    ];

    private static int[]? Touched(PtxInstruction instruction, HashSet<int> matrixRegisters)
    {
        if (matrixRegisters.Count == 0 || instruction.Opcode == "wgmma") return null;
        int[] touched =
        [
            .. instruction.Operands.SelectMany(operand => operand.AllRegisters())
                .Select(register => register.Index).Where(matrixRegisters.Contains).Distinct(),
        ];
        return touched.Length == 0 ? null : touched;
    }

    private static bool DependsOnOrder(PtxInstruction instruction)
    {
        if (instruction.Space == PtxSpace.Shared) return false;
        return instruction.Opcode is "atom" or "red" || instruction.Has("volatile") || instruction.Has("relaxed")
            || instruction.Has("acquire") || instruction.Has("release");
    }

    /// <summary>Log2 of the narrowest access to shared memory, at most 4.</summary>
    private static int SharedCellShift(PtxEntry kernel)
    {
        var narrowest = 16;
        foreach (var instruction in kernel.Instructions)
        {
            if (instruction.Opcode == "cp" && instruction.Operands.Count >= 3)
            {
                narrowest = Math.Min(narrowest, (int)instruction.Operands[2].Bits);
            }

            if (instruction.Opcode is not ("ld" or "st" or "atom" or "red")) continue;
            if (instruction.Space is not (PtxSpace.Shared or PtxSpace.Generic)) continue;
            var elements = instruction.Operands.Max(operand => Math.Max(1, operand.Registers.Count));
            narrowest = Math.Min(narrowest, instruction.Type.ByteSize() * elements);
        }

        return BitOperations.Log2((uint)narrowest);
    }
}
