using FlamingoGpu.Formats;

namespace FlamingoGpu.Fuzz;

internal static class TensorReads
{
    /// <summary>Touches every byte of every tensor: a wrong range would end the process.</summary>
    public static unsafe void All(ITensorSource source)
    {
        var sum = 0;
        foreach (var entry in source.Entries)
        {
            var data = source.Read(entry);
            for (long i = 0; i < data.ByteLength; i++) sum += ((byte*)data.Address)[i];
        }
        GC.KeepAlive(sum);
    }
}
