using FlamingoGpu.Gpu.Tests.Launches;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Mutation;

/// <summary>A kernel to mutate and the launches that judge its mutants.</summary>
/// <param name="Kernel">Entry name.</param>
/// <param name="Text">Its text.</param>
/// <param name="Run">Runs a text of the kernel in place of the real one, every launch there is for it.</param>
internal sealed record MutationSubject(
    string Kernel, string Text, Func<string, VirtualDeviceOptions, LaunchOutcome> Run)
{
    private const int Seeds = 3;

    /// <summary>A mutant may run this many times longer than the kernel before it counts as endless.</summary>
    private const int Patience = 20;

    /// <summary>A mutant may execute this many times the kernel's instructions; the next ones count as work not
    /// saved.</summary>
    private const double MostInstructions = 1.05;

    private static readonly string[] s_accesses = ["ld", "st", "cp", "red", "atom", "ldmatrix"];

    /// <summary>What becomes of every mutant.</summary>
    public IReadOnlyList<(Mutant Mutant, Fate Fate)> Judge()
    {
        var original = Run(Text, new VirtualDeviceOptions());
        if (!original.IsRight) throw new InvalidOperationException($"{Kernel} itself is wrong: {original}");
        var budget = 1000 + (Patience * original.Reports.Max(report => report.Counters.WarpInstructions));
        return [.. Mutator.Mutants(Text).AsParallel().AsOrdered()
            .Select(mutant => (mutant, FateOf(mutant, original, budget)))];
    }

    private Fate FateOf(Mutant mutant, LaunchOutcome original, long budget)
    {
        var (isWrong, isWasteful) = (false, false);
        for (var seed = 0; seed < Seeds; seed++)
        {
            var outcome = Run(mutant.Text, new VirtualDeviceOptions { Seed = seed, InstructionBudget = budget });
            if (outcome.Findings.Any()) return Fate.KilledByCheck;
            isWrong |= outcome.WrongResult is not null;
            isWasteful |= original.Reports.Zip(outcome.Reports)
                .Any(pair => DoesMore(pair.First.Counters, pair.Second.Counters));
        }

        return isWrong ? Fate.KilledByResult : isWasteful ? Fate.KilledByCount : Fate.Survived;
    }

    private static long Executions(LaunchCounters counters, string opcode) => counters.Mix.GetValueOrDefault(opcode);

    private static bool DoesMore(LaunchCounters kernel, LaunchCounters mutant) =>
        mutant.GlobalBytesRead + mutant.GlobalBytesWritten > kernel.GlobalBytesRead + kernel.GlobalBytesWritten
        || s_accesses.Any(opcode => Executions(mutant, opcode) > Executions(kernel, opcode))
        || mutant.WarpInstructions > MostInstructions * kernel.WarpInstructions;
}
