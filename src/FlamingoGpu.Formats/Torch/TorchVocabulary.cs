using System.Globalization;
using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// Makes tensors out of the words of a torch pickle. A call to a rebuild function becomes a <see cref="TorchTensor"/>
/// whose every element is known to lie in its storage; a persistent id becomes a <see cref="TorchStorage"/> that is
/// known to be in the archive.
/// </summary>
internal sealed class TorchVocabulary(ZipDirectory archive, string root, bool isTorchScript) : IPickleVocabulary
{
    private const int MaxRank = 16;

    /// <inheritdoc/>
    public object Global(PickleMachine machine, string module, string name) =>
        TorchGlobals.Find(module, name, isTorchScript) ?? throw machine.Bad(
            $"the pickle names the global '{module}.{name}', which is not one of those that weights need; "
            + "nothing of it was run. If you trust the file, save only its state_dict with torch.");

    /// <inheritdoc/>
    public object? Reduce(PickleMachine machine, object? callable, object?[] arguments)
    {
        if (callable is not TorchGlobal global) throw machine.Bad("a call of what is no global is refused.");
        switch (global.Kind)
        {
            case TorchGlobalKind.Dictionary:
                return MakeDictionary(machine, arguments);
            case TorchGlobalKind.Opaque:
                return PickleOpaque.Other;
            case TorchGlobalKind.RebuildTensor:
                return RebuildTensor(machine, arguments, dtype: null);
            case TorchGlobalKind.RebuildTensorOfDType:
                if (arguments is not [_, _, _, _, _, _, TorchGlobal { Kind: TorchGlobalKind.DTypeConstant } dtype, ..])
                    throw machine.Bad($"{global.Name} needs a dtype as its seventh argument.");
                return RebuildTensor(machine, arguments, dtype.DType);
            case TorchGlobalKind.RebuildParameter:
                return arguments is [TorchTensor tensor, ..]
                    ? tensor
                    : throw machine.Bad($"{global.Name} needs a tensor as its first argument.");
            case TorchGlobalKind.RebuildFromType:
                return RebuildFromType(machine, global, arguments);
            case TorchGlobalKind.ScriptValue:
                return arguments.Length > 0 ? arguments[0] : throw machine.Bad($"{global.Name} needs an argument.");
            default:
                throw machine.Bad($"a call of '{global.Name}' is refused.");
        }
    }

    /// <inheritdoc/>
    public object New(PickleMachine machine, object? type, object?[] arguments) => type switch
    {
        TorchGlobal { Kind: TorchGlobalKind.ScriptClass } => new PickleObject(),
        TorchGlobal { Kind: TorchGlobalKind.Dictionary } => MakeDictionary(machine, arguments),
        TorchGlobal global => throw machine.Bad($"an instance of '{global.Name}' is refused."),
        _ => throw machine.Bad("an instance of what is no class is refused."),
    };

    /// <inheritdoc/>
    public void Build(PickleMachine machine, object? instance, object? state)
    {
        switch (instance, state)
        {
            case (PickleObject target, PickleDict attributes):
                machine.Spend(attributes.Items.Count);
                target.Attributes.AddAll(attributes);
                break;
            case (PickleDict or TorchTensor or PickleOpaque, _):
                break; // The _metadata of a state dict, a tensor's Python attributes: not needed.
            default:
                throw machine.Bad("a state is given to what takes none.");
        }
    }

    /// <inheritdoc/>
    public object PersistentLoad(PickleMachine machine, object? id)
    {
        if (id is not object?[] parts
            || parts is not ["storage", TorchGlobal { Kind: TorchGlobalKind.Storage, DType: { } dtype }, ..]
            || parts is not [_, _, string key, _, long count, ..])
        {
            throw machine.Bad("a persistent id that is not (storage, class, key, location, count).");
        }
        if (count < 0 || count > long.MaxValue / 8) throw machine.Bad($"storage '{key}' claims {count} elements.");
        var byteLength = dtype.ByteSize(count);
        var member = archive.Find($"{root}/data/{key}")
            ?? throw machine.Bad($"storage '{key}' is not in the archive; it should be '{root}/data/{key}'.");
        if (member.ByteLength < byteLength)
        {
            throw machine.Bad(
                $"storage '{key}' should have {count} elements of {dtype}, {byteLength} bytes, "
                + $"but has {member.ByteLength}.");
        }
        return new TorchStorage(dtype, byteLength, member);
    }

    private static PickleDict MakeDictionary(PickleMachine machine, object?[] arguments)
    {
        var result = new PickleDict();
        machine.Spend(arguments.Length);
        foreach (var argument in arguments)
        {
            // A defaultdict's first argument is its factory, a class: of no use here.
            if (argument is PickleDict dict)
            {
                machine.Spend(dict.Items.Count);
                result.AddAll(dict);
            }
            else if (argument is PickleList pairs)
            {
                machine.Spend(pairs.Items.Count);
                AddPairs(machine, result, pairs);
            }
        }
        return result;
    }

    private static void AddPairs(PickleMachine machine, PickleDict result, PickleList pairs)
    {
        foreach (var pair in pairs.Items)
        {
            var (key, value) = pair switch
            {
                object?[] { Length: 2 } tuple => (tuple[0], tuple[1]),
                PickleList { Items.Count: 2 } list => (list.Items[0], list.Items[1]),
                _ => throw machine.Bad("a dictionary is made from what are not pairs."),
            };
            result.Add(key, value);
        }
    }

    private static TorchTensor RebuildFromType(PickleMachine machine, TorchGlobal global, object?[] arguments)
    {
        if (arguments is not
            [TorchGlobal function, TorchGlobal { Kind: TorchGlobalKind.TensorClass }, object?[] inner, ..])
        {
            throw machine.Bad($"{global.Name} needs a rebuild function, a tensor class and arguments.");
        }
        return function.Kind switch
        {
            TorchGlobalKind.RebuildTensor => RebuildTensor(machine, inner, dtype: null),
            TorchGlobalKind.RebuildParameter when inner is [TorchTensor tensor, ..] => tensor,
            _ => throw machine.Bad($"{global.Name} of '{function.Name}' is refused."),
        };
    }

    private static TorchTensor RebuildTensor(PickleMachine machine, object?[] arguments, DType? dtype)
    {
        if (arguments.Length < 4 || arguments[0] is not TorchStorage storage || arguments[1] is not long offset)
            throw machine.Bad("a tensor needs a storage, an offset, a size and strides.");
        var extents = Integers(machine, arguments[2], "size");
        var strides = Integers(machine, arguments[3], "strides");
        if (extents.Length != strides.Length)
            throw machine.Bad($"a tensor of {extents.Length} extents has {strides.Length} strides.");
        if (offset < 0) throw machine.Bad($"a tensor begins at the negative offset {offset}.");

        var elementType = dtype ?? storage.DType;
        Shape shape;
        try
        {
            shape = Shape.Create(extents);
            _ = elementType.ByteSize(shape.ElementCount);
        }
        catch (OverflowException error)
        {
            throw machine.Bad($"the size [{Join(extents)}] overflows.", error);
        }
        RequireInside(machine, storage, elementType, offset, extents, strides);
        return new TorchTensor(storage, elementType, offset, shape, strides);
    }

    /// <summary>
    /// The last element a view reaches must be in the storage; every term is at most 2^126, so nothing wraps.
    /// </summary>
    private static void RequireInside(
        PickleMachine machine, TorchStorage storage, DType dtype, long offset, long[] extents, long[] strides)
    {
        var available = storage.ByteLength / (dtype.BitSize() / 8);
        Int128 last = offset;
        var isEmpty = extents.Contains(0);
        for (var axis = 0; axis < extents.Length && !isEmpty && last < available; axis++)
            last += (Int128)(extents[axis] - 1) * strides[axis];
        if (isEmpty ? offset <= available : last < available) return;
        throw machine.Bad(
            $"a tensor of size [{Join(extents)}], strides [{Join(strides)}] and offset {offset} "
            + $"reaches beyond its storage of {available} elements.");
    }

    private static long[] Integers(PickleMachine machine, object? value, string what)
    {
        var items = value switch
        {
            object?[] tuple => tuple,
            PickleList list => list.Items,
            _ => throw machine.Bad($"the {what} of a tensor must be a tuple of integers."),
        };
        if (items.Count > MaxRank) throw machine.Bad($"the {what} of a tensor has more than {MaxRank} numbers.");
        var numbers = new long[items.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = items[i] is long number and >= 0
                ? number
                : throw machine.Bad($"the {what} of a tensor must be integers that are not negative.");
        }
        return numbers;
    }

    private static string Join(long[] numbers) =>
        string.Join(", ", numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
}
