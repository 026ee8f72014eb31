using FlamingoGpu.Parity;

foreach (var folder in args)
{
    foreach (var report in ParityRunner.Run(folder, new ParityOptions()))
    {
        Console.WriteLine($"== {report.Fixture} matches={report.Matches} first={report.FirstMismatch}");
        foreach (var s in report.Stages) Console.WriteLine(FormattableString.Invariant($"{(s.Matches ? "ok  " : "FAIL")} {s.Name} {s.MaxAbsolute:0.00e+0} rel {s.MaxRelative:0.00e+0} bound {s.Bound:0.00e+0} ratio {s.Ratio:0.000} {s.Derivation} {s.Detail}"));
        foreach (var u in report.Unsupported) Console.WriteLine("unsupported " + u);
    }
}

return 0;
