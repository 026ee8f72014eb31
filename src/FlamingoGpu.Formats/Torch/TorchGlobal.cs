using FlamingoGpu.Core;

namespace FlamingoGpu.Formats;

/// <summary>A global of the allow-list: what it is, not the thing itself.</summary>
/// <param name="Name">Full name, for messages.</param>
/// <param name="Kind">Which rule applies when it is used.</param>
/// <param name="DType">Element type of a storage class or of a dtype constant that tensors here can have.</param>
internal sealed record TorchGlobal(string Name, TorchGlobalKind Kind, DType? DType = null);
