using System.Diagnostics;
using System.Globalization;
using FlamingoGpu.Core;

namespace FlamingoGpu.Fuzz;

/// <summary>
/// Feeds a parser with damaged inputs and requires of every one: it ends in time, on a small stack; it allocates no
/// more managed memory than its size allows; and what escapes is nothing or an <see cref="InvalidFileException"/>.
/// FLAMINGO_FUZZ_COUNT sets the number of inputs (2000), FLAMINGO_FUZZ_SEED the first random number (1). A failing
/// input is kept in the temporary folder and named in the message.
/// </summary>
internal sealed class FuzzTarget
{
    private const int DefaultCount = 2000;
    private const int StackBytes = 512 * 1024;
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(10);

    private readonly string _name;
    private readonly IReadOnlyList<byte[]> _seeds;
    private readonly Action<byte[]> _parse;

    /// <summary>Makes a target.</summary>
    /// <param name="name">Appears in messages.</param>
    /// <param name="seeds">
    /// Valid inputs, small and of every kind; they are parsed undamaged first and must pass.
    /// </param>
    /// <param name="parse">
    /// Parses one input and touches everything it gives. Runs on one thread, one input at a time.
    /// </param>
    public FuzzTarget(string name, IReadOnlyList<byte[]> seeds, Action<byte[]> parse)
    {
        _name = name;
        _seeds = seeds;
        _parse = parse;
    }

    /// <summary>
    /// Managed bytes an input of a given size may make the parser allocate; a MiB plus 256 times its size.
    /// </summary>
    public Func<int, long> AllocationLimit { get; init; } = inputBytes => (1 << 20) + (256L * inputBytes);

    /// <summary>A target for a parser that opens a path: each input is written to one temporary file.</summary>
    /// <param name="name">Appears in messages, and in the temporary file's name.</param>
    /// <param name="seeds">Valid files.</param>
    /// <param name="parse">Opens the path, reads everything, closes it.</param>
    public static FuzzTarget ForFile(string name, IReadOnlyList<byte[]> seeds, Action<string> parse)
    {
        var path = Path.Combine(Path.GetTempPath(), $"flamingo-fuzz-{name}-{Guid.NewGuid():N}");
        return new FuzzTarget(name, seeds, bytes =>
        {
            try
            {
                File.WriteAllBytes(path, bytes);
                parse(path);
            }
            finally
            {
                File.Delete(path);
            }
        });
    }

    /// <summary>Runs all inputs.</summary>
    /// <returns>How many damaged inputs were refused; the others were accepted.</returns>
    public int Run()
    {
        foreach (var seed in _seeds) _parse(seed);
        var count = Number("FLAMINGO_FUZZ_COUNT", DefaultCount);
        var mutator = new Mutator(_seeds, Number("FLAMINGO_FUZZ_SEED", 1));
        var progress = new Progress();
        var worker = new Thread(() => RunInputs(mutator, count, progress), StackBytes) { IsBackground = true };
        worker.Start();
        while (!worker.Join(TimeSpan.FromMilliseconds(200)))
        {
            var (input, started) = progress.Current;
            if (input is not null && Stopwatch.GetElapsedTime(started) > TimeLimit)
                Assert.Fail(Describe(input, $"still running after {TimeLimit.TotalSeconds} s"));
        }
        if (progress.Failure is not null) Assert.Fail(progress.Failure);
        return progress.Refused;
    }

    private void RunInputs(Mutator mutator, int count, Progress progress)
    {
        for (var i = 0; i < count && progress.Failure is null; i++)
        {
            var input = mutator.Next();
            progress.Begin(input);
            var allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                _parse(input);
            }
            catch (InvalidFileException)
            {
                progress.Refused++;
            }
#pragma warning disable CA1031 // Any other type escaping is the very thing looked for.
            catch (Exception error)
#pragma warning restore CA1031
            {
                progress.Failure = Describe(input, $"input {i}: {error}");
            }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
            if (allocated > AllocationLimit(input.Length))
            {
                progress.Failure ??= Describe(
                    input, $"input {i}: allocated {allocated} bytes, allowed are {AllocationLimit(input.Length)}");
            }
        }
    }

    private string Describe(byte[] input, string problem)
    {
        var kept = Path.Combine(Path.GetTempPath(), $"flamingo-fuzz-{_name}-failed.bin");
        File.WriteAllBytes(kept, input);
        return $"{_name}: {problem}\ninput of {input.Length} bytes kept as {kept}";
    }

    private static int Number(string variable, int defaultValue) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number)
            ? number
            : defaultValue;

    private sealed class Progress
    {
        private readonly Lock _lock = new();
        private byte[]? _input;
        private long _started;

        public int Refused { get; set; }

        public string? Failure { get; set; }

        public (byte[]? Input, long Started) Current
        {
            get
            {
                lock (_lock) return (_input, _started);
            }
        }

        public void Begin(byte[] input)
        {
            lock (_lock) (_input, _started) = (input, Stopwatch.GetTimestamp());
        }
    }
}
