namespace FlamingoGpu.Ptx;

/// <summary>One parameter of a kernel, in the order of the launch.</summary>
/// <param name="Name">Name in C#; the PTX symbol is <c>param_</c> and this name.</param>
/// <param name="Type">PTX type of the parameter itself: <c>u64</c> for a pointer, else the number's type.</param>
/// <param name="Size">Bytes in the parameter buffer; the parameter is aligned to its size.</param>
/// <param name="Access">What the kernel does with the memory, or that it is a number.</param>
/// <param name="Element">PTX type of the elements behind a pointer; the type again for a number.</param>
/// <param name="Alignment">Bytes the kernel expects the pointer to be aligned to; 0 for a number.</param>
public sealed record KernelParameter(
    string Name, string Type, int Size, ParameterAccess Access, string Element, int Alignment)
{
    internal static string Symbol(string name) => "param_" + name;
}
