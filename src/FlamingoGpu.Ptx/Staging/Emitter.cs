using System.Diagnostics.CodeAnalysis;

namespace FlamingoGpu.Ptx;

/// <summary>
/// The kernel under construction on this thread. Device values are handles into it: an operator on them, or a call of
/// <see cref="Isa"/>, appends an instruction here.
/// </summary>
internal sealed class Emitter
{
    private const string Wait = "griddepcontrol.wait";
    private const string LaunchDependents = "griddepcontrol.launch_dependents";

    [ThreadStatic]
    private static Emitter? s_current;

    private readonly List<Instruction> _prologue = [];
    private readonly List<Instruction> _body = [];
    private readonly List<Instruction> _unplaced = [];
    private readonly Dictionary<string, Operand> _memoized = [];
    private readonly Scope _root = new(null);
    private readonly Site _definition;
    private readonly Dictionary<string, int> _labels = [];
    private Scope _scope;
    private Site _lastCall;
    private Site? _site;
    private Site? _noun;
    private Operand _guard;
    private bool _guardIsNegated;
    private bool _hasUncommittedCopies;
    private bool _hasUnawaitedCopies;
    private bool _hasUnawaitedProducts;
    private bool _awaitsPredecessors;

    private Emitter(string kernel, Site definition)
    {
        Kernel = kernel;
        _scope = _root;
        _definition = definition;
        _lastCall = definition;
        _site = definition;
    }

    /// <summary>The kernel being staged on this thread.</summary>
    public static Emitter Current => s_current ?? throw new InvalidOperationException(
        "Device code was used outside a kernel: it runs only inside the body given to PtxKernel.Define.");

    /// <summary>Name of the kernel.</summary>
    public string Kernel { get; }

    /// <summary>
    /// The instructions in order, before cleanup. The kernel first lets its dependents come; unless it says where, it
    /// waits for its predecessors before the first instruction that does more than compute a register.
    /// </summary>
    public List<Instruction> Instructions
    {
        get
        {
            List<Instruction> all = [DependentLaunch(LaunchDependents), .. _prologue, .. _body];
            if (!_awaitsPredecessors)
                all.Insert(all.FindIndex(1, i => !i.Freedom.HasFlag(Freedom.Pure)), DependentLaunch(Wait));
            return all;
        }
    }

    /// <summary>The version and target the text needs: the highest that anything in it asked for.</summary>
    public PtxTarget Target { get; private set; } = PtxTarget.Base;

    /// <summary>The arrays in shared memory.</summary>
    public SharedLayout Shared { get; } = new();

    /// <summary>Threads of a block, known once the kernel said so.</summary>
    public BlockShape? Block { get; set; }

    /// <summary>Where warps leave their parts of block reductions, once one was staged.</summary>
    public Shared<F32>? ReductionParts { get; set; }

    /// <summary>Whether what is staged now stands in a loop, and may run again.</summary>
    public bool IsInLoop { get; private set; }

    /// <summary>Runs <paramref name="body"/> with a fresh emitter as the current one.</summary>
    public static Emitter Stage(string kernel, Site definition, Action<Emitter> body)
    {
        if (s_current is not null)
            throw new InvalidOperationException($"kernel '{kernel}' is defined inside kernel '{s_current.Kernel}'.");
        var emitter = new Emitter(kernel, definition);
        s_current = emitter;
        try
        {
            body(emitter);
            emitter.Finish();
        }
        finally
        {
            s_current = null;
        }

        return emitter;
    }

    /// <summary>The current emitter, told the exact C# line of what follows.</summary>
    public static Emitter At(int line, string file)
    {
        var emitter = Current;
        if (emitter._noun is { } noun)
        {
            emitter._site = noun;
            return emitter;
        }

        var site = Site.At(line, file);
        foreach (var instruction in emitter._unplaced)
        {
            var before = instruction.Site;
            var isForward = before.File == site.File && before.Line <= site.Line;
            if (isForward) instruction.Site = before with { LastLine = site.Line };
        }

        emitter._unplaced.Clear();
        emitter._lastCall = site;
        emitter._site = site;
        return emitter;
    }

    /// <summary>The current emitter, for an operator: its line lies between the calls before and after it.</summary>
    public static Emitter Between()
    {
        var emitter = Current;
        emitter._site = emitter._noun;
        return emitter;
    }

    /// <summary>
    /// Everything until disposal belongs to one noun of layer 2 and is reported at the caller's line.
    /// </summary>
    public static NounScope Noun(string noun, int line, string file)
    {
        var emitter = At(line, file);
        var outer = emitter._noun;
        emitter._noun ??= emitter._lastCall with { Noun = noun };
        emitter._site = emitter._noun;
        return new NounScope(emitter, outer);
    }

    /// <summary>A new register of the current scope.</summary>
    public Operand Define(RegisterKind kind) => Operand.Of(new Register(kind, _scope));

    /// <summary>Appends a pure operation with one result.</summary>
    public Operand Compute(RegisterKind kind, string mnemonic, params ReadOnlySpan<Operand> sources) =>
        Compute(Freedom.Pure, kind, mnemonic, sources);

    /// <summary>Appends an operation with one result.</summary>
    public Operand Compute(Freedom freedom, RegisterKind kind, string mnemonic, params ReadOnlySpan<Operand> sources)
    {
        var result = Define(kind);
        Assign(freedom, result, mnemonic, sources);
        return result;
    }

    /// <summary>Appends an operation that writes an existing register.</summary>
    public void Assign(Freedom freedom, Operand result, string mnemonic, params ReadOnlySpan<Operand> sources)
    {
        var slots = new Slot[sources.Length + 1];
        slots[0] = Slot.To(result);
        for (var i = 0; i < sources.Length; i++) slots[i + 1] = Slot.From(sources[i]);
        Emit(freedom, mnemonic, slots);
    }

    /// <summary>Appends an operation that is not to be moved or removed.</summary>
    public void Emit(string mnemonic, params Slot[] slots) => Emit(Freedom.None, mnemonic, slots);

    /// <summary>Appends an operation.</summary>
    public void Emit(Freedom freedom, string mnemonic, params Slot[] slots)
    {
        if (!_guard.IsMissing && IsWarpWide(mnemonic))
            Fail(
                $"'{mnemonic}' needs all its threads and cannot stand under a guard; use If with a uniform condition.");
        Append(new Instruction
        {
            Mnemonic = mnemonic,
            Slots = Constants.InRegisters(this, mnemonic, slots),
            Guard = _guard,
            GuardIsNegated = _guardIsNegated,
            Freedom = freedom,
        });
    }

    /// <summary>A new label; its number counts the labels of the same stem.</summary>
    public Label NewLabel(string stem)
    {
        var number = _labels.GetValueOrDefault(stem);
        _labels[stem] = number + 1;
        return new Label(stem, number);
    }

    /// <summary>Puts a label here.</summary>
    public void Place(Label label) => Append(new Instruction { Label = label });

    /// <summary>
    /// Branches to <paramref name="target"/>, when <paramref name="condition"/> is given only where it holds.
    /// </summary>
    public void Branch(Label target, Operand condition = default, bool isNegated = false)
    {
        if (!_guard.IsMissing) Fail("a loop or branch cannot stand under a guard; use If instead of When.");
        Append(new Instruction
        {
            Mnemonic = condition.IsMissing ? "bra.uni" : "bra",
            Label = target,
            Guard = condition,
            GuardIsNegated = isNegated,
        });
    }

    /// <summary>Ends the thread where <paramref name="condition"/> holds.</summary>
    public void Exit(Operand condition)
    {
        if (!_guard.IsMissing) Fail("Return cannot stand under a guard; use If instead of When.");
        Append(new Instruction { Mnemonic = "exit", Guard = condition });
    }

    /// <summary>Runs <paramref name="body"/> in a scope of its own.</summary>
    public void Inside(Action body)
    {
        var outer = _scope;
        _scope = new Scope(outer);
        try
        {
            body();
        }
        finally
        {
            _scope = outer;
        }
    }

    /// <summary>Runs the <paramref name="body"/> of a loop in a scope of its own.</summary>
    public void InsideLoop(Action body)
    {
        var outer = IsInLoop;
        IsInLoop = true;
        Inside(body);
        IsInLoop = outer;
    }

    /// <summary>Runs <paramref name="body"/> with every instruction guarded.</summary>
    public void Guarded(Operand predicate, bool isNegated, Action body)
    {
        if (!_guard.IsMissing) Fail("a guard stands inside a guard; combine the predicates with '&'.");
        CheckReadable(predicate);
        _guard = predicate;
        _guardIsNegated = isNegated;
        try
        {
            Inside(body);
        }
        finally
        {
            _guard = default;
            _guardIsNegated = false;
        }
    }

    /// <summary>
    /// A value moved into a register once, before the kernel's first line: a special register, an address.
    /// </summary>
    public Operand Once(string name, string mnemonic, RegisterKind kind = RegisterKind.Bits32)
    {
        if (_memoized.TryGetValue(name, out var known)) return known;
        var result = Operand.Of(new Register(kind, _root));
        _prologue.Add(new Instruction
        {
            Mnemonic = mnemonic,
            Slots = [Slot.To(result), Slot.From(Operand.Named(name))],
            Site = _noun ?? _lastCall,
            Freedom = Freedom.Pure,
        });
        return _memoized[name] = result;
    }

    /// <summary>Raises what the text needs.</summary>
    public void Require(PtxTarget target) => Target = Target.With(target);

    /// <summary>Notes an asynchronous product, which a wait must follow.</summary>
    public void ProductStarted() => _hasUnawaitedProducts = true;

    /// <summary>Notes a wait for all asynchronous products.</summary>
    public void ProductsAwaited() => _hasUnawaitedProducts = false;

    /// <summary>Whether there are asynchronous copies that no wait follows yet.</summary>
    public bool AreCopiesUnderWay => _hasUncommittedCopies || _hasUnawaitedCopies;

    /// <summary>Notes an asynchronous copy, which a commit and a wait must follow.</summary>
    public void CopyStarted() => _hasUncommittedCopies = true;

    /// <summary>Notes that the copies so far form a group.</summary>
    public void CopiesCommitted()
    {
        _hasUnawaitedCopies |= _hasUncommittedCopies;
        _hasUncommittedCopies = false;
    }

    /// <summary>Notes a wait for groups.</summary>
    public void CopiesAwaited(bool isForUncommittedToo)
    {
        _hasUnawaitedCopies = false;
        if (isForUncommittedToo) _hasUncommittedCopies = false;
    }

    /// <summary>Waits here, and not at the first line, for the kernels before this one.</summary>
    public void AwaitPredecessors()
    {
        if (_awaitsPredecessors) Fail("a kernel waits for its predecessors once.");
        if (_scope != _root || !_guard.IsMissing || IsInLoop)
            Fail("every thread waits for the predecessors: not in a loop, a branch or a guard.");
        if (_body.Find(instruction => instruction.Mnemonic is "exit" || WritesGlobal(instruction)) is { } early)
            Fail($"'{early.Mnemonic}' stands before the wait for the predecessors ({early.Site}).");
        // An assembler takes .nc loads for independent of everything, and was seen to move them behind the wait.
        if (_body.Exists(instruction => instruction.Mnemonic?.Contains(".nc.", StringComparison.Ordinal) ?? false))
            Fail("a load before the wait for the predecessors is not non-coherent: it would not stay before it.");
        _awaitsPredecessors = true;
        Append(DependentLaunch(Wait));
    }

    /// <summary>Reports a mistake at the current line.</summary>
    [DoesNotReturn]
    public void Fail(string problem) =>
        throw new KernelDefinitionException(Kernel, (_noun ?? _lastCall).ToString(), problem);

    private static bool WritesGlobal(Instruction instruction) =>
        instruction.Mnemonic?.Split('.') is ["st" or "red" or "atom", .. var modifiers] && modifiers.Contains("global");

    private Instruction DependentLaunch(string mnemonic) =>
        new() { Mnemonic = mnemonic, Site = _definition, IsForDependentLaunch = true };

    private static bool IsWarpWide(string mnemonic) =>
        mnemonic.Contains(".sync", StringComparison.Ordinal) || mnemonic.StartsWith("bar.", StringComparison.Ordinal);

    private void Append(Instruction instruction)
    {
        foreach (var slot in instruction.Slots)
            foreach (var value in slot.Values)
                CheckReadable(value);
        if (!instruction.Guard.IsMissing) CheckReadable(instruction.Guard);
        instruction.Site = _site ?? _lastCall;
        if (_site is null) _unplaced.Add(instruction);
        _body.Add(instruction);
    }

    private void CheckReadable(Operand value)
    {
        if (value.IsMissing)
            Fail("a device value was used that never got a value (default of its type).");
        if (value.Register is { } register && !register.Scope.Encloses(_scope))
            Fail("a value is used outside the loop, branch or guard that computed it; keep it in a variable (Var).");
    }

    private void Finish()
    {
        if (_hasUncommittedCopies) Fail("the last cp.async is never committed to a group.");
        if (_hasUnawaitedCopies) Fail("no cp.async.wait_group follows the last commit: the data may never arrive.");
        if (_hasUnawaitedProducts) Fail("no wgmma.wait_group 0 follows the last wgmma: the sums may never arrive.");
        Append(new Instruction { Mnemonic = "ret" });
        _unplaced.Clear();
    }

    /// <summary>Ends a noun of layer 2.</summary>
    internal readonly struct NounScope(Emitter emitter, Site? outer) : IDisposable
    {
        /// <inheritdoc/>
        public void Dispose()
        {
            emitter._noun = outer;
            emitter._site = outer;
        }
    }
}
