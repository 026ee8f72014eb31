using FlamingoGpu.Cli;

using var interrupts = Interrupts.OfProcess();
using var context = CliContext.OfProcess(interrupts);
return CliApplication.Run(args, context);
