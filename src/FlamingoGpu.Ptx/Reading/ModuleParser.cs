namespace FlamingoGpu.Ptx.Reading;

/// <summary>Reads a whole text: the header, the variables, the kernels.</summary>
internal sealed class ModuleParser
{
    private readonly TokenCursor _cursor;
    private readonly List<PtxEntry> _kernels = [];
    private readonly Dictionary<string, PtxVariable> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<int, string> _files = [];
    private Version? _version;
    private PtxArchitecture? _target;
    private bool _hasAddressSize;

    public ModuleParser(PtxLexer lexer) => _cursor = new TokenCursor(lexer);

    public IReadOnlyList<PtxError> Errors => _cursor.Errors;

    public PtxModule? Parse()
    {
        while (!_cursor.AtEnd && !_cursor.IsTooBroken)
        {
            try
            {
                Statement();
            }
            catch (PtxSyntaxException failure)
            {
                _cursor.Report(failure.Line, failure.Message);
                _cursor.SkipStatement();
                _cursor.TryTake("}");
            }

            _cursor.Kernel = null;
        }

        if (_version is null) _cursor.Report(1, "the text has no .version.");
        if (_target is null) _cursor.Report(1, "the text has no .target.");
        if (!_hasAddressSize) _cursor.Report(1, "the text has no .address_size 64.");
        return Errors.Count > 0 ? null : new PtxModule(_version!, _target!.Value, _kernels, [.. _variables.Values]);
    }

    private void Statement()
    {
        var token = _cursor.Take();
        if (_version is null && token.Text != ".version")
        {
            _version = new Version(9, 9);
            _cursor.Report(token.Line, $"the text has no .version before '{token.Text}'; it comes first.");
        }

        switch (token.Text)
        {
            case ".version": TakeVersion(); break;
            case ".target": TakeTarget(); break;
            case ".address_size":
                if (_cursor.TakeCount("the address size", 64) != 64)
                {
                    throw new PtxSyntaxException(token.Line, "only .address_size 64 is read.");
                }
                _hasAddressSize = true;
                break;
            case ".file": TakeFile(); break;
            case ".visible":
                if (_cursor.Current.Is(".entry")) break;
                if (_cursor.Current.Text is not (".const" or ".global"))
                {
                    throw _cursor.Unexpected("'.entry', '.const' or '.global'");
                }
                break;
            case ".entry": Kernel(token.Line); break;
            case ".extern":
                _cursor.Expect(".shared");
                Variable(PtxSpace.Shared, isExtern: true);
                break;
            case ".shared": Variable(PtxSpace.Shared, isExtern: false); break;
            case ".const": Variable(PtxSpace.Const, isExtern: false); break;
            case ".global": Variable(PtxSpace.Global, isExtern: false); break;
            default:
                throw new PtxSyntaxException(token.Line, $"'{token.Text}' is not read at the outermost level.");
        }
    }

    private void TakeVersion()
    {
        var token = _cursor.Take();
        if (_version is not null) throw new PtxSyntaxException(token.Line, ".version stands twice.");
        if (!Version.TryParse(token.Text, out _version) || _version.Major is < 6 or > 9 || _version.Build >= 0)
        {
            _version = new Version(9, 9);
            throw new PtxSyntaxException(token.Line, $".version {token.Text} is not one of 6.0 to 9.x.");
        }
    }

    private void TakeTarget()
    {
        var token = _cursor.Take();
        if (_target is not null) throw new PtxSyntaxException(token.Line, ".target stands twice.");
        _target = PtxArchitecture.Parse(token.Text);
        if (_target is { IsArchitectureSpecific: true } && _version < new Version(8, 0))
        {
            throw new PtxSyntaxException(token.Line, $".target {token.Text} needs .version 8.0 or higher.");
        }

        if (_target is not null && !_cursor.Current.Is(",")) return;
        _target = new PtxArchitecture(999);
        throw new PtxSyntaxException(token.Line,
            $".target {token.Text} is not read; a single sm_NN is, such as sm_80 or sm_90a.");
    }

    private void TakeFile()
    {
        var number = _cursor.TakeCount("the file's number", int.MaxValue);
        if (_cursor.Current.Kind != PtxTokenKind.Text) throw _cursor.Unexpected("the file's name in quotes");
        var name = _cursor.Take().Text.Trim('"');
        _files[number] = name[(name.LastIndexOfAny(['/', '\\']) + 1)..];
    }

    private void Variable(PtxSpace space, bool isExtern)
    {
        var variable = DeclarationParser.Variable(_cursor, space, isExtern);
        if (!_variables.TryAdd(variable.Name, variable) || _kernels.Any(kernel => kernel.Name == variable.Name))
        {
            throw new PtxSyntaxException(variable.Line, $"the name '{variable.Name}' is declared twice.");
        }

        _cursor.Expect(";");
    }

    private void Kernel(int line)
    {
        var name = _cursor.TakeName("the kernel's name");
        _cursor.Kernel = name;
        if (_kernels.Any(kernel => kernel.Name == name) || _variables.ContainsKey(name))
        {
            _cursor.Report(line, $"the name '{name}' is declared twice.");
        }

        if (_version is null || _target is not { } target)
        {
            throw new PtxSyntaxException(line, ".version and .target must stand before the first kernel.");
        }

        var kernel = new PtxEntry(name, line);
        new KernelParser(_cursor, kernel, _variables, _files, _version, target).Parse();
        _kernels.Add(kernel);
    }
}
