using System.Reflection;
using System.Runtime.InteropServices;
using FlamingoGpu.Runtime.Cuda;

namespace FlamingoGpu.Gpu.Tests.Cuda;

/// <summary>
/// A driver without a card: it notes every call, keeps account of what was made and given back, copies memory that is
/// really the host's, and fails where a test says so. Its functions (<see cref="FakeCudaFunctions"/>) are native
/// function pointers, so the binding's own calls are what is tested. One per thread.
/// </summary>
internal sealed unsafe class FakeCuda : IDisposable
{
    [ThreadStatic]
    private static FakeCuda? _current;

    private static readonly string[] ForbiddenInCapture =
    [
        "cuMemAlloc", "cuMemFree", "cuMemAllocAsync", "cuMemFreeAsync", "cuMemHostAlloc", "cuMemFreeHost",
        "cuModuleLoadDataEx", "cuLinkCreate", "cuStreamSynchronize",
    ];

    private static readonly Dictionary<string, nint> Words = [];

    private nint _lastHandle = 0x1000;

    public FakeCuda() => Use();

    public static FakeCuda Current => _current!;

    /// <summary>Every call: name, and the arguments that tests look at.</summary>
    public List<string> Calls { get; } = [];

    /// <summary>What is made and not given back: handle and kind.</summary>
    public Dictionary<nint, string> Live { get; } = [];

    /// <summary>Misuse: a handle given back twice, a call without a context.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>Status of a function by name; all others succeed.</summary>
    public Dictionary<string, CudaStatus> Failures { get; } = [];

    /// <summary>Functions that the library does not have.</summary>
    public HashSet<string> Absent { get; } = [];

    public int DriverVersion { get; set; } = 13000;

    public List<(string Name, int Major, int Minor)> Cards { get; } = [("Fake H200", 9, 0)];

    public bool HasPools { get; set; } = true;

    public ulong PoolReserved { get; set; } = 3000;

    public ulong PoolUsed { get; set; } = 1000;

    public ulong PoolThreshold { get; set; } = 77;

    public nuint FreeBytes { get; set; } = 5_000_000;

    public string AssemblerLog { get; set; } = "ptxas info : Used 32 registers";

    public string AssemblerErrors { get; set; } = "";

    /// <summary>An image whose loading fails, as one from another card would.</summary>
    public string? RefusedImage { get; set; }

    public bool EventsDone { get; set; } = true;

    /// <summary>Context current on this thread.</summary>
    public nint Context { get; set; }

    public nint InfoLog { get; set; }

    public nint ErrorLog { get; set; }

    public string Text { get; set; } = "";

    /// <summary>Launches succeed and are not noted.</summary>
    public bool IsSilent { get; set; }

    public byte[] LaunchConfig { get; set; } = [];

    /// <summary>Bytes of the last launch's attributes.</summary>
    public byte[] LaunchAttributes { get; set; } = [];

    public byte[]? Parameters { get; set; }

    /// <summary>Nodes of the open capture, or null.</summary>
    public int? CapturedNodes { get; set; }

    public int TemplateNodes { get; set; }

    /// <summary>Makes this the driver of the calling thread.</summary>
    public void Use() => _current = this;

    /// <summary>The functions, found the way the real library is searched.</summary>
    public CudaApi Start() => CudaLibrary.Start(Export);

    /// <summary>An opened card without a cache.</summary>
    public CudaDriver Open(KernelCache? cache = null) => CudaDriver.Open(Start(), 0, cache ?? new KernelCache(null));

    /// <summary>Address of a function.</summary>
    public nint Export(string name) => Absent.Contains(name) ? 0 : AddressOf(name);

    public static nint AddressOf(string name) =>
        typeof(FakeCudaFunctions).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            ?.MethodHandle.GetFunctionPointer() ?? 0;

    /// <summary>Calls with this name.</summary>
    public int Count(string name) => Calls.Count(call => call.Split(' ')[0] == name);

    /// <summary>Notes a call.</summary>
    public CudaStatus Note(string name, params ReadOnlySpan<object> arguments)
    {
        Calls.Add(arguments.IsEmpty ? name : $"{name} {string.Join(' ', arguments)}");
        return Failures.GetValueOrDefault(name);
    }

    /// <summary>Notes a call that needs a context.</summary>
    public CudaStatus NoteInContext(string name, params ReadOnlySpan<object> arguments)
    {
        if (Context == 0 || !Live.ContainsKey(Context)) Problems.Add($"{name} without a context");
        var status = Note(name, arguments);
        var isForbidden = CapturedNodes is not null && ForbiddenInCapture.Contains(name);
        return isForbidden ? CudaStatus.StreamCaptureImplicit : status;
    }

    public nint Make(string kind)
    {
        _lastHandle += 0x10;
        Live.Add(_lastHandle, kind);
        return _lastHandle;
    }

    public void GiveBack(nint handle, string kind)
    {
        if (Live.Remove(handle, out var made) && made == kind) return;
        Problems.Add($"{kind} {handle} is not there to give back");
    }

    public nint Allocate(nuint bytes, string kind)
    {
        var address = (nint)NativeMemory.AlignedAlloc(bytes, 256);
        Live.Add(address, kind);
        return address;
    }

    public void Free(nint address, string kind)
    {
        GiveBack(address, kind);
        NativeMemory.AlignedFree((void*)address);
    }

    public void Use(nint handle, string kind)
    {
        if (Live.GetValueOrDefault(handle) != kind) Problems.Add($"{handle} is no {kind}");
    }

    public void CountNode()
    {
        if (CapturedNodes is not null) CapturedNodes++;
    }

    /// <summary>A C string that lives as long as the process.</summary>
    public static byte* Word(string text)
    {
        lock (Words)
        {
            if (!Words.TryGetValue(text, out var address)) Words[text] = address = Marshal.StringToCoTaskMemUTF8(text);
            return (byte*)address;
        }
    }

    /// <summary>Copies a text with its zero.</summary>
    public static void Write(string text, byte* buffer)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text + '\0');
        bytes.CopyTo(new Span<byte>(buffer, bytes.Length));
    }

    /// <summary>Nothing was misused and nothing is left.</summary>
    public void AssertClean()
    {
        Assert.Empty(Problems);
        Assert.Empty(Live.Values);
    }

    public void Dispose() => _current = null;
}
