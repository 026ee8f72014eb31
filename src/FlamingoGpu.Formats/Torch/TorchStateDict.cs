using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>
/// Finds the named weights in the value a torch file holds: the state dict itself, the one inside a training checkpoint
/// (<c>model_state_dict</c> and its usual other names), or the attributes of a TorchScript module, whose path gives the
/// name. Everything else in the file is leftovers of training.
/// </summary>
internal static class TorchStateDict
{
    private const int MaxDepth = 64;
    private const int MaxWrappers = 4;
    private const int MaxNameLength = 4096;

    private static readonly string[] WrapperKeys = ["model_state_dict", "state_dict", "model", "module"];

    /// <summary>The tensors in the file's order, and the keys beside them that hold none.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="root">What the pickle held.</param>
    /// <param name="pickleBytes">
    /// Size of the pickle; bounds what a module that contains itself many times costs.
    /// </param>
    public static (List<(string Name, TorchTensor Tensor)> Tensors, List<string> OtherKeys) Find(
        string file, object? root, int pickleBytes)
    {
        var tensors = new List<(string Name, TorchTensor Tensor)>();
        var others = new List<string>();
        if (root is PickleObject module) WalkModule(file, module, pickleBytes, tensors, others);
        else if (root is PickleDict dict) TakeTensors(Unwrap(file, dict, others), tensors, others);
        else throw new InvalidFileException(file, $"holds {Describe(root)}, not named tensors (a state_dict).");
        RequireUnique(file, tensors);
        return (tensors, others);
    }

    private static PickleDict Unwrap(string file, PickleDict dict, List<string> others)
    {
        for (var depth = 0; depth < MaxWrappers; depth++)
        {
            var wrapped = WrapperKeys.Select(key => ValueOf(dict, key)).OfType<PickleDict>().ToList();
            var inner = wrapped.Find(HoldsTensors);
            if (inner is null && HoldsTensors(dict)) return dict;
            inner ??= wrapped.FirstOrDefault() ?? OnlyDictionaryOfTensors(file, dict);
            foreach (var (key, value) in dict.Items)
            {
                if (key is string text && !ReferenceEquals(value, inner)) others.Add(text);
            }
            dict = inner;
        }
        return HoldsTensors(dict) ? dict : throw NoTensors(file, dict);
    }

    private static PickleDict? ValueOf(PickleDict dict, string name) =>
        dict.Items.LastOrDefault(item => item.Key is string key && key == name).Value as PickleDict;

    private static PickleDict OnlyDictionaryOfTensors(string file, PickleDict dict)
    {
        // Distinct, or a dictionary named a million times would be searched a million times.
        var candidates = dict.Items.Select(item => item.Value).OfType<PickleDict>().Distinct()
            .Where(HoldsTensors).Take(2).ToList();
        if (candidates.Count == 1) return candidates[0];
        if (candidates.Count == 0) throw NoTensors(file, dict);
        throw new InvalidFileException(file,
            $"holds several dictionaries of tensors and none is called "
            + $"{string.Join(" or ", WrapperKeys)}: {KeysOf(dict)}.");
    }

    private static InvalidFileException NoTensors(string file, PickleDict dict) =>
        new(file, $"holds no named tensors; its keys are: {KeysOf(dict)}.");

    private static string KeysOf(PickleDict dict) =>
        string.Join(", ", dict.Items.Take(10).Select(item => item.Key as string ?? "(no string)"));

    private static bool HoldsTensors(PickleDict dict) =>
        dict.Items.Any(item => item.Key is string && item.Value is TorchTensor);

    private static void TakeTensors(
        PickleDict dict, List<(string Name, TorchTensor Tensor)> tensors, List<string> others)
    {
        foreach (var (key, value) in dict.Items)
        {
            if (key is not string name) continue;
            if (value is TorchTensor tensor) tensors.Add((name, tensor));
            else others.Add(name);
        }
    }

    /// <summary>Depth first with a stack of its own: the nesting is the file's, the call stack is ours.</summary>
    private static void WalkModule(
        string file, PickleObject root, int pickleBytes,
        List<(string Name, TorchTensor Tensor)> tensors, List<string> others)
    {
        var pending = new Stack<(PickleObject Module, int Next, string Prefix)>();
        pending.Push((root, 0, ""));
        long charactersLeft = 65536 + (16L * pickleBytes);
        while (pending.TryPop(out var place))
        {
            var (module, next, prefix) = place;
            if (next == module.Attributes.Items.Count) continue;
            pending.Push((module, next + 1, prefix));
            var (key, value) = module.Attributes.Items[next];
            var name = prefix + (key as string);
            charactersLeft -= name.Length + 1;
            if (charactersLeft < 0 || pending.Count > MaxDepth || name.Length > MaxNameLength)
                throw new InvalidFileException(file, "a module is nested too deep, or contains itself.", Shorten(name));
            if (key is not string) continue;
            if (value is TorchTensor tensor) tensors.Add((name, tensor));
            else if (value is PickleObject child) pending.Push((child, 0, name + "."));
            else others.Add(name);
        }
    }

    private static string Shorten(string name) => name.Length <= 200 ? name : string.Concat(name.AsSpan(0, 200), "...");

    private static void RequireUnique(string file, List<(string Name, TorchTensor Tensor)> tensors)
    {
        var names = new HashSet<string>(tensors.Count, StringComparer.Ordinal);
        foreach (var (name, _) in tensors)
        {
            if (!names.Add(name)) throw new InvalidFileException(file, "the state dict names it twice.", name);
        }
    }

    private static string Describe(object? value) => value switch
    {
        TorchTensor tensor => $"one unnamed tensor of shape {tensor.Shape}",
        PickleList => "a list",
        object?[] => "a tuple",
        string => "a string",
        null => "None",
        _ => "a single value",
    };
}
