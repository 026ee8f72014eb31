namespace FlamingoGpu.Formats;

/// <summary>What the globals of the allow-list stand for.</summary>
internal enum TorchGlobalKind
{
    /// <summary>OrderedDict or Counter: a dictionary.</summary>
    Dictionary,

    /// <summary>A harmless value nobody looks into: a set, bytes, a device, a size.</summary>
    Opaque,

    /// <summary>The class of typed storages.</summary>
    Storage,

    /// <summary>A dtype constant such as <c>torch.float32</c>.</summary>
    DTypeConstant,

    /// <summary>A tensor class, named when subclasses are pickled.</summary>
    TensorClass,

    /// <summary>_rebuild_tensor and _rebuild_tensor_v2: (storage, offset, size, stride, ...).</summary>
    RebuildTensor,

    /// <summary>_rebuild_tensor_v3: (storage, offset, size, stride, requires_grad, hooks, dtype, ...).</summary>
    RebuildTensorOfDType,

    /// <summary>_rebuild_parameter: the first argument is the tensor.</summary>
    RebuildParameter,

    /// <summary>_rebuild_from_type_v2: (function, class, arguments, state).</summary>
    RebuildFromType,

    /// <summary>TorchScript's typed lists and tags: the first argument is the value.</summary>
    ScriptValue,

    /// <summary>A class compiled by TorchScript.</summary>
    ScriptClass,
}
