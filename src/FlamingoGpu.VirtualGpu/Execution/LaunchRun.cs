using FlamingoGpu.VirtualGpu.Memory;

namespace FlamingoGpu.VirtualGpu.Execution;

/// <summary>
/// One run of a launch with one seed. Blocks that cannot tell each other anything are dealt out to workers, each with
/// its own order and its own race records; what blocks of different workers did to the same bytes is compared
/// afterwards, so that findings do not depend on how fast a worker was.
/// </summary>
/// <param name="program">The kernel.</param>
/// <param name="heap">Device memory.</param>
/// <param name="options">Those of the device.</param>
/// <param name="launch">Number of the launch, for race records.</param>
/// <param name="chain">What the launch belongs to.</param>
internal sealed class LaunchRun(
    Program program, DeviceHeap heap, VirtualDeviceOptions options, int launch, LaunchChain chain)
{
    private static readonly ParallelOptions AllAtOnce = new() { MaxDegreeOfParallelism = Allocation.WorkerLimit };

    public FindingLog Log { get; } = new(program.Kernel.Name);

    public OpCounts[] Counts { get; } = new OpCounts[program.Ops.Length];

    /// <summary>True when blocks of different workers raced; only a run with one worker can tell where.</summary>
    public bool HasHiddenRace { get; private set; }

    public void Run(Dim3 grid, Dim3 block, int dynamicShared, byte[] parameters, int seed, int workers)
    {
        if (program.DependsOnOrder || program.Communicates) workers = 1;
        workers = (int)Math.Min(Math.Clamp(workers, 1, Allocation.WorkerLimit), grid.Count);
        var order = Enumerable.Range(0, (int)grid.Count).ToArray();
        var random = new Random(seed);
        random.Shuffle(order);
        var runs = new GridRun[workers];
        for (var worker = 0; worker < workers; worker++)
        {
            var own = workers == 1 ? order : [.. order.Where((_, i) => i % workers == worker)];
            var races = new GlobalRaces(launch, worker, program.Communicates, options.ChecksGlobalRaces);
            runs[worker] = new GridRun(program, grid, block, dynamicShared, parameters, heap, options, races, own,
                chain, worker == 0 ? random : new Random(unchecked((seed * 31) + worker)));
        }

        if (workers == 1) runs[0].Run();
        else Parallel.For(0, workers, AllAtOnce, worker => runs[worker].Run());
        foreach (var run in runs)
        {
            foreach (var finding in run.Log.Findings) Log.Add(finding);
            for (var i = 0; i < Counts.Length; i++) Counts[i] = Counts[i].Plus(run.Counts[i]);
            run.Dispose();
        }

        HasHiddenRace = workers > 1 && runs.Any(run => run.Races.Written.Exists(page => HasConflict(page, workers)));
    }

    private bool HasConflict((Allocation Allocation, int Page) written, int workers)
    {
        var pages = new List<RacePage>();
        for (var worker = 0; worker < workers; worker++)
        {
            if (written.Allocation.PageOf(worker, written.Page) is { } page && page.Launch == launch) pages.Add(page);
        }

        return pages.Count > 1 && HasConflict(pages);
    }

    /// <summary>True when one worker wrote a cell that another one wrote or read.</summary>
    private unsafe bool HasConflict(List<RacePage> pages)
    {
        var shift = pages.Min(page => page.CellShift);
        var oldest = (ulong)launch << RaceRecord.LaunchShift;
        for (var cell = 0; cell < 1 << (RacePage.ByteShift - shift); cell++)
        {
            int writers = 0, users = 0;
            foreach (var page in pages)
            {
                var at = cell >> (page.CellShift - shift);
                var isWritten = page.Writes[at] >= oldest;
                if (isWritten) writers++;
                if (isWritten || page.Reads[at] >= oldest) users++;
            }

            if (writers > 0 && users > 1) return true;
        }

        return false;
    }
}
