namespace FlamingoGpu.Ptx;

/// <summary>
/// Estimates the registers a thread needs: the largest number of 32-bit words that hold a value still to be read, over
/// all places of the kernel. The driver's assembler adds its own few and may save some by reordering.
/// </summary>
internal static class Liveness
{
    /// <summary>The estimate for cleaned code.</summary>
    public static int LargestWordCount(List<Instruction> code)
    {
        var labels = code.Where(i => i.IsLabel).ToDictionary(i => i.Label!, _ => new LiveSet());

        // Live sets are kept at labels only: between them one backward walk finds everything.
        // A register that is written once holds nothing before, guarded or not; only a guarded change of a variable
        // keeps what was there.
        var writtenOnce = code.SelectMany(i => i.Written()).GroupBy(register => register)
            .Where(writes => writes.Count() == 1).Select(writes => writes.Key).ToHashSet();

        var largest = 0;
        for (var changed = true; changed;)
        {
            changed = false;
            var live = new LiveSet();
            for (var i = code.Count - 1; i >= 0; i--)
            {
                var instruction = code[i];
                if (instruction.IsLabel)
                {
                    changed |= labels[instruction.Label!].Add(live);
                    live.Clear();
                    live.Add(labels[instruction.Label!]);
                    continue;
                }

                Step(instruction, live, labels, writtenOnce);
                largest = Math.Max(largest, live.Words);
            }
        }

        return largest;
    }

    private static void Step(
        Instruction instruction, LiveSet live, Dictionary<Label, LiveSet> labels, HashSet<Register> writtenOnce)
    {
        var leavesAlways = instruction.Guard.IsMissing
            && (instruction.Label is not null || instruction.Mnemonic is "ret" or "exit");
        if (leavesAlways) live.Clear();
        if (instruction.Label is { } target) live.Add(labels[target]);
        foreach (var register in instruction.Written())
        {
            if (instruction.Guard.IsMissing || writtenOnce.Contains(register)) live.Remove(register);
        }

        foreach (var register in instruction.Read()) live.Add(register);
    }

    private sealed class LiveSet
    {
        private readonly HashSet<Register> _members = [];

        public int Words { get; private set; }

        public void Clear()
        {
            _members.Clear();
            Words = 0;
        }

        public bool Add(LiveSet other)
        {
            var before = _members.Count;
            foreach (var register in other._members) Add(register);
            return _members.Count != before;
        }

        public void Add(Register register)
        {
            if (_members.Add(register)) Words += register.Words;
        }

        public void Remove(Register register)
        {
            if (_members.Remove(register)) Words -= register.Words;
        }
    }
}
