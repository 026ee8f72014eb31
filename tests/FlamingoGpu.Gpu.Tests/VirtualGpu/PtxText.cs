namespace FlamingoGpu.Gpu.Tests.VirtualGpu;

/// <summary>Wraps handwritten bodies into complete texts.</summary>
internal static class PtxText
{
    /// <summary>A module with one kernel named "test"; parameters are named by type, such as "u64 out, u32 n".</summary>
    public static string Kernel(string parameters, string body, string version = "7.4", string target = "sm_80")
    {
        var list = parameters.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(p => $".param .{p}");
        return $$"""
            .version {{version}}
            .target {{target}}
            .address_size 64
            .visible .entry test(
            {{string.Join(",\n", list)}}
            )
            {
            .reg .pred %p<16>;
            .reg .b16 %h<16>;
            .reg .b32 %r<64>;
            .reg .f32 %f<64>;
            .reg .b64 %rd<32>;
            .reg .f64 %d<16>;
            {{body}}
            }
            """;
    }

    /// <summary>
    /// A body with two readings: lines that begin with "BUG " exist only in the broken kernel, lines that begin with
    /// "OK " only in the corrected one.
    /// </summary>
    public static string Variant(string body, bool isBroken)
    {
        var (kept, dropped) = isBroken ? ("BUG ", "OK ") : ("OK ", "BUG ");
        var lines = body.Split('\n').Select(line => line.TrimStart())
            .Where(line => !line.StartsWith(dropped, StringComparison.Ordinal))
            .Select(line => line.StartsWith(kept, StringComparison.Ordinal) ? line[kept.Length..] : line);
        return string.Join('\n', lines);
    }
}
