namespace FlamingoGpu.Ptx.Reading;

/// <summary>Reads one kernel: parameters, launch directives, body.</summary>
internal sealed class KernelParser
{
    private const int MaximumInstructions = 1 << 20;

    private readonly TokenCursor _cursor;
    private readonly PtxEntry _kernel;
    private readonly IReadOnlyDictionary<string, PtxVariable> _moduleVariables;
    private readonly IReadOnlyDictionary<int, string> _files;
    private readonly Version _version;
    private readonly PtxArchitecture _target;
    private readonly RegisterTable _registers = new();
    private readonly Dictionary<string, PtxVariable> _variables = new(StringComparer.Ordinal);
    private readonly List<PtxVariable> _parameters = [];
    private readonly List<PtxVariable> _shared = [];
    private readonly List<PtxVariable> _dynamicShared = [];
    private readonly List<PtxInstruction> _instructions = [];
    private readonly Dictionary<string, int> _labels = new(StringComparer.Ordinal);
    private readonly OperandParser _operands;
    private long _sharedBytes;
    private long _localBytes;
    private string? _locNote;

    public KernelParser(
        TokenCursor cursor,
        PtxEntry kernel,
        IReadOnlyDictionary<string, PtxVariable> moduleVariables,
        IReadOnlyDictionary<int, string> files,
        Version version,
        PtxArchitecture target)
    {
        _cursor = cursor;
        _kernel = kernel;
        _moduleVariables = moduleVariables;
        _files = files;
        _version = version;
        _target = target;
        _operands = new OperandParser(cursor, _registers, FindVariable);
    }

    public void Parse()
    {
        _cursor.Expect("(");
        Parameters();
        Directives();
        _cursor.Expect("{");
        while (!_cursor.TryTake("}"))
        {
            if (_cursor.AtEnd)
            {
                throw new PtxSyntaxException(_cursor.Current.Line, "the kernel's closing '}' is missing.");
            }
            if (_cursor.IsTooBroken) return;
            try
            {
                Statement();
            }
            catch (PtxSyntaxException failure)
            {
                _cursor.Report(failure.Line, failure.Message);
                _cursor.SkipStatement();
            }
        }

        Finish();
    }

    private static long AlignUp(long offset, int alignment) => (offset + alignment - 1) / alignment * alignment;

    private PtxVariable? FindVariable(string name)
    {
        if (_variables.TryGetValue(name, out var variable)) return variable;
        if (!_moduleVariables.TryGetValue(name, out variable)) return null;
        if (variable.Space != PtxSpace.Shared) return variable;

        // Shared memory is laid out for each kernel that uses it.
        variable = new PtxVariable(name, PtxSpace.Shared, variable.Type, variable.Alignment, variable.ByteLength,
            variable.Line);
        Place(variable);
        return variable;
    }

    private void Parameters()
    {
        if (_cursor.TryTake(")")) return;
        long bytes = 0;
        do
        {
            _cursor.Expect(".param");
            var parameter = DeclarationParser.Variable(_cursor, PtxSpace.Param, isExtern: false);
            parameter.Offset = AlignUp(bytes, parameter.Alignment);
            bytes = parameter.Offset + parameter.ByteLength;
            if (bytes > DeclarationParser.Limit(PtxSpace.Param))
            {
                throw new PtxSyntaxException(parameter.Line,
                    $"the parameters take more than {DeclarationParser.Limit(PtxSpace.Param)} bytes.");
            }

            Name(parameter);
            _parameters.Add(parameter);
        }
        while (_cursor.TryTake(","));

        _cursor.Expect(")");
        _kernel.ParameterByteLength = (int)bytes;
    }

    private void Name(PtxVariable variable)
    {
        if (!_variables.TryAdd(variable.Name, variable))
        {
            throw new PtxSyntaxException(variable.Line, $"the name '{variable.Name}' is declared twice.");
        }
    }

    private void Directives()
    {
        while (_cursor.Current.Kind == PtxTokenKind.Word)
        {
            var token = _cursor.Take();
            switch (token.Text)
            {
                case ".maxntid": _kernel.MaxThreads = Extents(); break;
                case ".reqntid": _kernel.RequiredThreads = Extents(); break;
                case ".minnctapersm":
                    _kernel.MinBlocksPerMultiprocessor = _cursor.TakeCount(".minnctapersm", 32);
                    break;
                default: throw new PtxSyntaxException(token.Line, $"the kernel directive '{token.Text}' is not read.");
            }
        }

        if (_kernel.MinBlocksPerMultiprocessor > 0 && _kernel.MaxThreads.Count + _kernel.RequiredThreads.Count == 0)
        {
            _cursor.Report(_kernel.Line, ".minnctapersm needs .maxntid or .reqntid beside it.");
        }
    }

    private int[] Extents()
    {
        int[] extents = [1, 1, 1];
        var axis = 0;
        do
        {
            if (axis == 3) throw _cursor.Unexpected("at most three extents");
            extents[axis++] = _cursor.TakeCount("a number of threads", 1024);
        }
        while (_cursor.TryTake(","));

        if (extents[0] * extents[1] * extents[2] is < 1 or > 1024)
        {
            _cursor.Report(_kernel.Line, $"a block has 1 to 1024 threads, not {string.Join(" × ", extents)}.");
        }

        return extents;
    }

    private void Statement()
    {
        var token = _cursor.Current;
        if (token.Is("@"))
        {
            Instruction();
        }
        else if (token.Kind != PtxTokenKind.Word)
        {
            throw token.Is("{")
                ? new PtxSyntaxException(
                    token.Line, "nested scopes are not read; declare registers at the top of the kernel.")
                : _cursor.Unexpected("an instruction");
        }
        else if (token.Text[0] == '.')
        {
            Directive();
        }
        else if (_cursor.Following.Is(":"))
        {
            _cursor.Take();
            _cursor.Take();
            if (_variables.ContainsKey(token.Text) || _registers.Find(token.Text) is not null)
            {
                throw new PtxSyntaxException(token.Line, $"the label '{token.Text}' has the name of something else.");
            }

            if (!_labels.TryAdd(token.Text, _instructions.Count))
            {
                throw new PtxSyntaxException(token.Line, $"the label '{token.Text}' stands twice.");
            }
        }
        else
        {
            Instruction();
        }
    }

    private void Directive()
    {
        var token = _cursor.Take();
        switch (token.Text)
        {
            case ".reg": _registers.Declare(_cursor); break;
            case ".shared": Memory(PtxSpace.Shared, isExtern: false); break;
            case ".local": Memory(PtxSpace.Local, isExtern: false); break;
            case ".extern":
                _cursor.Expect(".shared");
                Memory(PtxSpace.Shared, isExtern: true);
                break;
            case ".loc": Loc(token.Line); break;
            default:
                throw new PtxSyntaxException(token.Line, $"the directive '{token.Text}' is not read inside a kernel.");
        }
    }

    private void Loc(int line)
    {
        var file = _cursor.TakeCount("the file's number", int.MaxValue);
        var sourceLine = _cursor.TakeCount("the line", int.MaxValue);
        _ = _cursor.TakeCount("the column", int.MaxValue);
        if (!_files.TryGetValue(file, out var name))
        {
            throw new PtxSyntaxException(line, $"the file {file} is not declared by .file.");
        }
        _locNote = $"{name}:{sourceLine}";
    }

    private void Memory(PtxSpace space, bool isExtern)
    {
        var variable = DeclarationParser.Variable(_cursor, space, isExtern);
        Place(variable);
        _cursor.Expect(";");
    }

    private void Place(PtxVariable variable)
    {
        Name(variable);
        if (variable.IsDynamic)
        {
            _dynamicShared.Add(variable);
            return;
        }

        ref var bytes = ref variable.Space == PtxSpace.Local ? ref _localBytes : ref _sharedBytes;
        variable.Offset = AlignUp(bytes, variable.Alignment);
        bytes = variable.Offset + variable.ByteLength;
        if (variable.Space == PtxSpace.Shared) _shared.Add(variable);
        if (bytes > DeclarationParser.Limit(variable.Space))
        {
            throw new PtxSyntaxException(variable.Line, $"with '{variable.Name}' the kernel has {bytes} bytes of "
                + $".{variable.Space.ToString().ToLowerInvariant()} memory with a fixed size; at most "
                + $"{DeclarationParser.Limit(variable.Space)} fit.");
        }
    }

    private void Instruction()
    {
        PtxRegister? guard = null;
        var isNegated = false;
        if (_cursor.TryTake("@"))
        {
            isNegated = _cursor.TryTake("!");
            var name = _cursor.Current;
            guard = _registers.Find(name.Text);
            if (guard is null) throw new PtxSyntaxException(name.Line, $"the guard {name.Text} is not declared.");
            if (guard.Type != PtxType.Pred)
            {
                throw new PtxSyntaxException(name.Line, $"the guard {name.Text} is .{guard.Type.Name()}, not .pred.");
            }
            _cursor.Take();
        }

        var token = _cursor.Current;
        if (token.Kind != PtxTokenKind.Word || token.Text[0] is '.' or '%') throw _cursor.Unexpected("an instruction");
        _cursor.Take();
        var labelCount = _operands.Labels.Count;
        var operands = new List<PtxOperand>();
        if (!_cursor.Current.Is(";"))
        {
            do operands.Add(_operands.Parse());
            while (_cursor.TryTake(","));
        }

        _cursor.Expect(";");
        if (_instructions.Count == MaximumInstructions)
        {
            throw new PtxSyntaxException(token.Line, $"more than {MaximumInstructions} instructions.");
        }
        var words = token.Text.Split('.');
        var instruction = new PtxInstruction(words[0], words[1..], [.. operands], token.Line,
            _cursor.NoteOf(token.Line) ?? _locNote)
        {
            Guard = guard,
            GuardNegated = isNegated,
        };
        if (!Check(instruction)) _operands.Labels.RemoveRange(labelCount, _operands.Labels.Count - labelCount);
        _instructions.Add(instruction);
    }

    private bool Check(PtxInstruction instruction)
    {
        var forms = InstructionForms.Of(instruction.Opcode);
        if (forms.IsEmpty)
        {
            _cursor.Report(instruction.Line, $"the instruction '{instruction.Opcode}' is not known to this reader.",
                instruction.Form);
            return false;
        }

        var modifiers = instruction.Modifiers.ToArray();
        string? problem = null;
        var isOfItsCount = false;
        foreach (var form in forms)
        {
            if (form.MatchModifiers(modifiers) is not { } match) continue;
            if (form.CheckOperands(instruction.Operands, match) is { } mismatch)
            {
                // Of several forms the one with as many operands is most likely meant.
                var fits = form.OperandCount == instruction.Operands.Count;
                if (problem is null || (fits && !isOfItsCount)) problem = mismatch;
                isOfItsCount |= fits;
                continue;
            }

            instruction.Type = match.Type;
            instruction.SourceType = match.SourceType;
            instruction.Space = match.Space;
            instruction.DestinationCount = form.DestinationCount;
            instruction.ReadsDestination = form.ReadsDestination;
            if (form.IsIn(_version, _target)) return true;
            problem = $"needs {form.Needs}; the text says .version {_version} and .target {_target}.";
        }

        _cursor.Report(instruction.Line, problem ?? "no such combination of modifiers is known to this reader.",
            instruction.Form);
        return false;
    }

    private void Finish()
    {
        foreach (var (operand, line) in _operands.Labels)
        {
            if (!_labels.TryGetValue(operand.Name, out var target))
            {
                _cursor.Report(line, $"'{operand.Name}' is not declared: no label, register or variable has it.");
                continue;
            }

            operand.Target = target;
            if (target >= _instructions.Count)
            {
                _cursor.Report(line, $"the label '{operand.Name}' stands behind the last instruction.");
            }
        }

        if (_instructions.Count == 0 || !EndsThread(_instructions[^1]))
        {
            _cursor.Report(
                _instructions.Count == 0 ? _kernel.Line : _instructions[^1].Line,
                "the kernel can run past its last instruction; end it with ret or exit.");
        }

        foreach (var variable in _dynamicShared) variable.Offset = AlignUp(_sharedBytes, variable.Alignment);
        _kernel.UsesDynamicShared = _dynamicShared.Count > 0;
        _kernel.StaticSharedByteLength = (int)_sharedBytes;
        _kernel.LocalByteLength = (int)_localBytes;
        _kernel.Parameters = _parameters;
        _kernel.SharedVariables = _shared;
        _kernel.Registers = _registers.Used;
        _kernel.Instructions = _instructions;
    }

    private static bool EndsThread(PtxInstruction instruction) =>
        instruction.Guard is null && instruction.Opcode is "ret" or "exit" or "trap" or "bra";
}
