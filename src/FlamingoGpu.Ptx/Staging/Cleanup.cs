using System.Globalization;

namespace FlamingoGpu.Ptx;

/// <summary>
/// Makes staged text read like written text, inside straight-line code only: variables are read and written directly
/// instead of through copies, products that only feed one sum become fused multiply-adds, what was computed just
/// before is
/// not computed again, results nobody reads go. It never moves memory, synchronisation or control.
/// </summary>
internal sealed class Cleanup
{
    private readonly List<Instruction> _code;
    private readonly Dictionary<Register, int> _reads = [];
    private readonly Dictionary<Register, int> _writes = [];

    private Cleanup(List<Instruction> code)
    {
        _code = code;
        foreach (var instruction in code)
        {
            foreach (var register in instruction.Read()) _reads[register] = ReadsOf(register) + 1;
            foreach (var register in instruction.Written()) _writes[register] = WritesOf(register) + 1;
        }
    }

    /// <summary>Cleans <paramref name="code"/> in place.</summary>
    public static void Run(List<Instruction> code)
    {
        new Cleanup(code).ReadVariablesDirectly();
        new Cleanup(code).WriteVariablesDirectly();
        new Cleanup(code).Contract();
        new Cleanup(code).ShareRepeated();
        while (new Cleanup(code).RemoveUnread())
        {
        }
    }

    private int ReadsOf(Register register) => _reads.GetValueOrDefault(register);

    private int WritesOf(Register register) => _writes.GetValueOrDefault(register);

    private void ReadVariablesDirectly()
    {
        for (var i = 0; i < _code.Count; i++)
        {
            var copy = _code[i];
            if (!copy.Freedom.HasFlag(Freedom.Snapshot) || !copy.Guard.IsMissing) continue;
            var snapshot = copy.Slots[0].Values[0].Register!;
            var variable = copy.Slots[1].Values[0];
            if (variable.Register is null || WritesOf(snapshot) != 1) continue;
            if (LastReadBeforeChange(i, snapshot, variable.Register) is not { } last) continue;
            for (var j = i + 1; j <= last; j++) _code[j].ReplaceRead(snapshot, variable);
            copy.Freedom = Freedom.Pure;
        }
    }

    /// <summary>
    /// The last of all reads of the snapshot, if every one comes before the variable changes or control moves.
    /// </summary>
    private int? LastReadBeforeChange(int start, Register snapshot, Register variable)
    {
        var left = ReadsOf(snapshot);
        if (left == 0) return null;
        for (var i = start + 1; i < _code.Count; i++)
        {
            left -= _code[i].Read().Count(register => register == snapshot);
            if (left == 0) return i;
            if (_code[i].EndsBlock || _code[i].Written().Contains(variable)) return null;
        }

        return null;
    }

    private void WriteVariablesDirectly()
    {
        for (var i = _code.Count - 1; i > 0; i--)
        {
            var copy = _code[i];
            if (!copy.Freedom.HasFlag(Freedom.Assignment)) continue;
            var variable = copy.Slots[0].Values[0];
            if (copy.Slots[1].Values[0].Register is not { } value || value == variable.Register) continue;
            if (ReadsOf(value) != 1 || WritesOf(value) != 1) continue;
            if (ProducerOf(i, value, variable.Register!) is not { } producer)
                continue;
            _code[producer].ReplaceWritten(value, variable);
            _code.RemoveAt(i);
        }
    }

    /// <summary>
    /// The instruction above that makes <paramref name="value"/>, if nothing between touches the variable.
    /// </summary>
    private int? ProducerOf(int copy, Register value, Register variable)
    {
        for (var i = copy - 1; i >= 0; i--)
        {
            var candidate = _code[i];
            if (candidate.EndsBlock) return null;
            if (candidate.Written().Contains(value))
            {
                var sameGuard = candidate.Guard == _code[copy].Guard
                    && candidate.GuardIsNegated == _code[copy].GuardIsNegated;
                return sameGuard && !candidate.Written().Contains(variable) ? i : null;
            }

            if (candidate.Read().Contains(variable) || candidate.Written().Contains(variable)) return null;
            if (_code[copy].Guard.Register is { } guard && candidate.Written().Contains(guard)) return null;
        }

        return null;
    }

    private void Contract()
    {
        for (var i = 0; i < _code.Count; i++)
        {
            var sum = _code[i];
            if (sum.Mnemonic != "add.rn.f32" || !sum.Freedom.HasFlag(Freedom.Contract)) continue;
            for (var side = 2; side >= 1; side--)
            {
                if (sum.Slots[side].Values[0].Register is not { } product) continue;
                if (ReadsOf(product) != 1 || WritesOf(product) != 1 || FactorsOf(i, product) is not { } j) continue;
                sum.Mnemonic = "fma.rn.f32";
                sum.Slots =
                [
                    sum.Slots[0],
                    Slot.From(_code[j].Slots[1].Values[0]),
                    Slot.From(_code[j].Slots[2].Values[0]),
                    Slot.From(sum.Slots[3 - side].Values[0]),
                ];
                _code.RemoveAt(j);
                i--;
                break;
            }
        }
    }

    /// <summary>
    /// The multiplication above that makes <paramref name="product"/>, if its factors are still the same here.
    /// </summary>
    private int? FactorsOf(int sum, Register product)
    {
        var changed = new HashSet<Register>();
        for (var i = sum - 1; i >= 0; i--)
        {
            var candidate = _code[i];
            if (candidate.EndsBlock) return null;
            if (candidate.Written().Contains(product))
            {
                var fits = candidate.Mnemonic == "mul.rn.f32" && candidate.Freedom.HasFlag(Freedom.Contract)
                    && candidate.Guard == _code[sum].Guard && candidate.GuardIsNegated == _code[sum].GuardIsNegated
                    && !candidate.Read().Any(changed.Contains);
                return fits ? i : null;
            }

            foreach (var register in candidate.Written()) changed.Add(register);
        }

        return null;
    }

    private void ShareRepeated()
    {
        var known = new Dictionary<string, Instruction>(StringComparer.Ordinal);
        var names = new ValueNames();
        var shared = new Dictionary<Register, Operand>();
        foreach (var instruction in _code)
        {
            if (shared.Count > 0)
                foreach (var register in instruction.Read().ToArray())
                    if (shared.TryGetValue(register, out var earlier)) instruction.ReplaceRead(register, earlier);
            if (instruction.EndsBlock) known.Clear();
            // A changed variable gets a new name, so that keys made from its old value match no more.
            var sources = instruction.Slots.Where(slot => !slot.IsWritten).Select(names.Of);
            var key = $"{instruction.Mnemonic} {string.Join('|', sources)}";
            foreach (var register in instruction.Written()) names.Change(register);
            var isShareable = instruction.Guard.IsMissing && instruction.Freedom.HasFlag(Freedom.Pure);
            if (instruction.EndsBlock || !isShareable) continue;
            if (instruction.Slots is not [{ IsWritten: true, Values: [var result] }, ..]) continue;
            if (WritesOf(result.Register!) != 1 || instruction.Freedom.HasFlag(Freedom.Contract)) continue;
            if (known.TryGetValue(key, out var same)) shared[result.Register!] = same.Slots[0].Values[0];
            else known[key] = instruction;
        }
    }

    private bool RemoveUnread() =>
        _code.RemoveAll(instruction =>
            instruction.Freedom.HasFlag(Freedom.Pure) && instruction.Written().All(r => ReadsOf(r) == 0)) > 0;

    /// <summary>A number for the value each register holds at the moment; writing gives a new one.</summary>
    private sealed class ValueNames
    {
        private readonly Dictionary<Register, int> _names = [];
        private int _next;

        public void Change(Register register) => _names[register] = _next++;

        public string Of(Slot slot) => string.Join(',', slot.Values.Select(Of));

        private string Of(Operand value)
        {
            if (value.Register is not { } register) return value.Text ?? "";
            if (!_names.ContainsKey(register)) Change(register);
            return string.Create(CultureInfo.InvariantCulture, $"r{_names[register]}");
        }
    }
}
