using System.Collections.Frozen;

namespace FlamingoGpu.Ptx.Reading;

/// <summary>
/// Every instruction form this reader accepts. A row is: lowest .version, lowest sm, then the opcode with its
/// modifiers in order (<c>?</c> optional, commas for alternatives, <c>$T=</c> captured for the operands), then the
/// operands in the notation of <see cref="OperandRule"/>. Whatever is not here is refused by name.
/// </summary>
internal static class InstructionForms
{
    private const string Rows =
        """
        # moves
        1.0 10 | mov $T=b16,u16,s16,b32,u32,s32,b64,u64,s64,f32,f64,pred | =T T#@
        1.0 10 | mov $T=b32 | =b32 b16*2
        1.0 10 | mov $T=b32 | =b16*2 b32
        1.0 10 | mov $T=b64 | =b64 b32*2
        1.0 10 | mov $T=b64 | =b32*2 b64
        1.0 10 | mov $T=b64 | =b64 b16*4
        1.0 10 | mov $T=b64 | =b16*4 b64
        2.0 20 | cvta to? $S=global,shared $T=u64 | =u64 u64@
        1.0 10 | selp $T=b16,u16,s16,b32,u32,s32,b64,u64,s64,f32,f64 | =T T# T# pred
        6.2 30 | activemask b32 | =b32

        # loads
        1.1 10 | ld volatile? $S=param,global,shared,local,const? $V=v2,v4? $T=LD | =T+*V [S:T*V]
        2.0 20 | ld $S=global ca,cg,cs,lu,cv $V=v2,v4? $T=LD | =T+*V [S:T*V]
        3.1 32 | ld $S=global ca,cg,cs? nc $V=v2,v4? $T=LD | =T+*V [S:T*V]
        7.4 70 | ld $S=global nc? PRIORITY $V=v2,v4? $T=LD | =T+*V [S:T*V]
        7.4 75 | ld $S=global nc? PRIORITY? PREFETCH $V=v2,v4? $T=LD | =T+*V [S:T*V]
        7.4 80 | ld $S=global nc? PRIORITY? L2::cache_hint PREFETCH? $V=v2,v4? $T=LD | =T+*V [S:T*V] b64
        6.0 70 | ld relaxed,acquire cta,gpu,sys $S=global,shared? $V=v2,v4? $T=LD | =T+*V [S:T*V]

        # stores
        1.1 10 | st volatile? $S=global,shared,local? $V=v2,v4? $T=LD | [S:T*V] T+#*V
        2.0 20 | st $S=global wb,cg,cs,wt $V=v2,v4? $T=LD | [S:T*V] T+#*V
        7.4 70 | st $S=global PRIORITY $V=v2,v4? $T=LD | [S:T*V] T+#*V
        7.4 80 | st $S=global PRIORITY? L2::cache_hint $V=v2,v4? $T=LD | [S:T*V] T+#*V b64
        6.0 70 | st relaxed,release cta,gpu,sys $S=global,shared? $V=v2,v4? $T=LD | [S:T*V] T+#*V
        2.0 20 | prefetch $S=global L1,L2 | [S:1]
        7.4 80 | createpolicy fractional EVICTION b64 | =b64
        7.4 80 | createpolicy fractional EVICTION b64 | =b64 f32#

        # integer arithmetic
        1.0 10 | add,sub $T=INT | =T T# T#
        1.0 10 | add,sub sat $T=s32 | =T T# T#
        1.0 10 | mul lo,hi $T=INT | =T T# T#
        1.0 10 | mul wide $T=u16,s16,u32,s32 | =2T T# T#
        1.0 10 | mad lo,hi $T=INT | =T T# T# T#
        1.0 10 | mad wide $T=u16,s16,u32,s32 | =2T T# T# 2T#
        1.0 10 | div,rem,min,max $T=INT | =T T# T#
        1.0 10 | abs,neg $T=s16,s32,s64 | =T T#
        1.0 10 | and,or,xor $T=b16,b32,b64,pred | =T T# T#
        1.0 10 | not $T=b16,b32,b64,pred | =T T#
        1.0 10 | shl $T=b16,b32,b64 | =T T# u32#
        1.0 10 | shr $T=b16,b32,b64,u16,s16,u32,s32,u64,s64 | =T T# u32#
        2.0 20 | popc,clz $T=b32,b64 | =u32 T#
        2.0 20 | brev $T=b32,b64 | =T T#
        2.0 20 | bfe $T=u32,s32,u64,s64 | =T T# u32# u32#
        2.0 20 | bfi $T=b32,b64 | =T T# T# u32# u32#
        2.0 20 | prmt $T=b32 | =b32 b32# b32# b32#
        4.3 50 | lop3 $T=b32 | =b32 b32# b32# b32# #0..255
        3.1 32 | shf l,r wrap,clamp $T=b32 | =b32 b32# b32# u32#
        5.0 61 | dp4a $T=u32 $U=u32 | =u32 b32# b32# u32#
        5.0 61 | dp4a $T=u32 $U=s32 | =s32 b32# b32# s32#
        5.0 61 | dp4a $T=s32 $U=u32,s32 | =s32 b32# b32# s32#

        # comparison
        1.0 10 | setp eq,ne,lt,le,gt,ge $T=INT | =pred T# T#
        1.0 10 | setp lo,ls,hi,hs $T=u16,u32,u64 | =pred T# T#
        1.0 10 | setp eq,ne $T=b16,b32,b64 | =pred T# T#
        1.0 10 | setp FCMP ftz? $T=f32 | =pred T# T#
        1.3 13 | setp FCMP $T=f64 | =pred T# T#
        4.2 53 | setp FCMP ftz? $T=f16 | =pred T T
        1.0 10 | setp eq,ne,lt,le,gt,ge and,or,xor $T=INT | =pred T# T# !pred
        1.0 10 | setp lo,ls,hi,hs and,or,xor $T=u16,u32,u64 | =pred T# T# !pred
        1.0 10 | setp FCMP and,or,xor ftz? $T=f32 | =pred T# T# !pred
        2.0 20 | testp finite,infinite,number,notanumber,normal,subnormal $T=f32,f64 | =pred T#

        # float arithmetic
        1.0 10 | add,sub,mul rn? ftz? sat? $T=f32 | =T T# T#
        1.3 13 | add,sub,mul rn? $T=f64 | =T T# T#
        2.0 20 | fma rn ftz? sat? $T=f32 | =T T# T# T#
        1.4 13 | fma rn $T=f64 | =T T# T# T#
        1.4 10 | div approx,full ftz? $T=f32 | =T T# T#
        1.4 20 | div rn ftz? $T=f32 | =T T# T#
        1.4 13 | div rn $T=f64 | =T T# T#
        1.4 10 | rcp,sqrt approx ftz? $T=f32 | =T T#
        1.4 20 | rcp,sqrt rn ftz? $T=f32 | =T T#
        1.4 13 | rcp,sqrt rn $T=f64 | =T T#
        1.4 10 | rsqrt,ex2,lg2,sin,cos approx ftz? $T=f32 | =T T#
        7.0 75 | tanh approx $T=f32 | =T T#
        1.0 10 | abs,neg ftz? $T=f32 | =T T#
        1.0 10 | abs,neg $T=f64 | =T T#
        1.0 10 | min,max ftz? $T=f32 | =T T# T#
        7.0 80 | min,max ftz? NaN $T=f32 | =T T# T#
        1.3 13 | min,max $T=f64 | =T T# T#
        2.0 20 | copysign $T=f32,f64 | =T T# T#

        # 16-bit float arithmetic
        4.2 53 | add,sub,mul rn? ftz? sat? $T=f16,f16x2 | =T T T
        4.2 53 | fma rn ftz? sat? $T=f16,f16x2 | =T T T T
        7.0 80 | fma rn ftz? relu $T=f16,f16x2 | =T T T T
        7.0 80 | fma rn relu? $T=bf16,bf16x2 | =T T T T
        7.8 90 | add,sub,mul rn? $T=bf16,bf16x2 | =T T T
        7.0 80 | min,max ftz? NaN? $T=f16,f16x2 | =T T T
        7.0 80 | min,max NaN? $T=bf16,bf16x2 | =T T T
        6.0 53 | neg ftz? $T=f16,f16x2 | =T T
        6.5 53 | abs ftz? $T=f16,f16x2 | =T T
        7.0 80 | neg,abs $T=bf16,bf16x2 | =T T
        7.0 75 | ex2,tanh approx $T=f16,f16x2 | =T T

        # conversions
        1.0 10 | cvt sat? $T=CVTINT $U=CVTINT | =T+ U+
        1.0 10 | cvt rn $T=f32,f64 $U=CVTINT | =T U+
        4.2 53 | cvt rn $T=f16 $U=CVTINT | =T U+
        1.0 10 | cvt rni,rzi,rmi,rpi ftz? sat? $T=CVTINT $U=f32 | =T+ U
        1.0 10 | cvt rni,rzi,rmi,rpi sat? $T=CVTINT $U=f64 | =T+ U
        4.2 53 | cvt rni,rzi,rmi,rpi sat? $T=CVTINT $U=f16 | =T+ U
        1.0 10 | cvt rni,rzi,rmi,rpi ftz? sat? $T=f32 $U=f32 | =T U
        1.0 10 | cvt ftz? sat $T=f32 $U=f32 | =T U
        1.0 10 | cvt ftz? $T=f64 $U=f32 | =T U
        1.0 10 | cvt rn ftz? sat? $T=f32 $U=f64 | =T U
        2.0 20 | cvt ftz? sat? $T=f32 $U=f16 | =T U
        2.0 20 | cvt rn,rz ftz? sat? $T=f16 $U=f32 | =T U
        7.0 80 | cvt rn,rz relu $T=f16 $U=f32 | =T U
        7.0 80 | cvt rn,rz relu? $T=bf16 $U=f32 | =T U
        7.0 80 | cvt rn,rz relu? $T=f16x2,bf16x2 $U=f32 | =T U U
        7.1 80 | cvt $T=f32 $U=bf16 | =T U
        6.5 72 | cvt pack sat $T=u16,s16 s32 | =b32 s32# s32#
        6.5 72 | cvt pack sat $T=u8,s8 s32 b32 | =b32 s32# s32# b32#

        # control and synchronisation
        1.0 10 | bra uni? | label
        1.0 10 | ret uni? |
        1.0 10 | exit |
        1.0 10 | trap |
        1.0 10 | bar sync | #0..15
        1.0 10 | bar sync | b32
        2.0 20 | bar sync | #0..15 b32#
        2.0 20 | bar sync | b32 b32#
        2.0 20 | bar arrive | #0..15 b32#
        2.0 20 | bar arrive | b32 b32#
        2.0 20 | bar red popc u32 | =u32 #0..15 !pred
        2.0 20 | bar red popc u32 | =u32 b32 !pred
        2.0 20 | bar red popc u32 | =u32 #0..15 b32# !pred
        2.0 20 | bar red popc u32 | =u32 b32 b32# !pred
        2.0 20 | bar red and,or pred | =pred #0..15 !pred
        2.0 20 | bar red and,or pred | =pred b32 !pred
        2.0 20 | bar red and,or pred | =pred #0..15 b32# !pred
        2.0 20 | bar red and,or pred | =pred b32 b32# !pred
        6.0 30 | barrier sync,arrive aligned | #0..15 b32#
        6.0 30 | barrier sync,arrive aligned | b32 b32#
        6.0 30 | barrier sync aligned | #0..15
        6.0 30 | barrier sync aligned | b32
        6.0 30 | bar warp sync | b32#
        2.0 20 | membar cta,gl,sys |
        6.0 70 | fence acq_rel,sc cta,gpu,sys |
        7.8 90 | griddepcontrol wait,launch_dependents |

        # across the warp
        6.0 30 | shfl sync up,down,bfly,idx $T=b32 | =b32|pred b32 b32# b32# b32#
        6.0 30 | vote sync all,any,uni pred | =pred !pred b32#
        6.0 30 | vote sync ballot b32 | =b32 !pred b32#
        6.0 70 | match any sync $T=b32,b64 | =b32 T b32#
        6.0 70 | match all sync $T=b32,b64 | =b32|pred T b32#
        7.0 80 | redux sync add,min,max $T=u32,s32 | =T T b32#
        7.0 80 | redux sync and,or,xor $T=b32 | =T T b32#

        # atomics
        1.1 11 | atom,red $S=global,shared? add $T=u32,s32,u64 | ATOMIC
        2.0 20 | atom,red $S=global,shared? add $T=f32 | ATOMIC
        5.0 60 | atom,red $S=global,shared? add $T=f64 | ATOMIC
        6.2 60 | atom,red $S=global,shared? add noftz $T=f16x2 | ATOMIC
        1.1 11 | atom,red $S=global,shared? and,or,xor $T=b32 | ATOMIC
        3.1 32 | atom,red $S=global,shared? and,or,xor $T=b64 | ATOMIC
        1.1 11 | atom,red $S=global,shared? min,max,inc,dec $T=u32 | ATOMIC
        1.1 11 | atom,red $S=global,shared? min,max $T=s32 | ATOMIC
        3.1 32 | atom,red $S=global,shared? min,max $T=u64,s64 | ATOMIC
        1.1 11 | atom $S=global,shared? exch $T=b32,b64 | =T [S:T] T#
        1.1 11 | atom $S=global,shared? cas $T=b32,b64 | =T [S:T] T# T#
        6.3 70 | atom $S=global,shared? cas $T=b16 | =T [S:T] T# T#
        6.0 70 | atom,red SEM cta,gpu,sys $S=global,shared? add $T=u32,s32,u64,f32,f64 | ATOMIC
        6.2 70 | atom,red SEM cta,gpu,sys $S=global,shared? add noftz $T=f16x2 | ATOMIC
        6.0 70 | atom,red SEM cta,gpu,sys $S=global,shared? and,or,xor $T=b32,b64 | ATOMIC
        6.0 70 | atom,red SEM cta,gpu,sys $S=global,shared? min,max $T=u32,s32,u64,s64 | ATOMIC
        6.0 70 | atom,red SEM cta,gpu,sys $S=global,shared? inc,dec $T=u32 | ATOMIC
        6.0 70 | atom SEM cta,gpu,sys $S=global,shared? exch $T=b32,b64 | =T [S:T] T#
        6.0 70 | atom SEM cta,gpu,sys $S=global,shared? cas $T=b32,b64 | =T [S:T] T# T#

        # tensor cores and their memory
        7.0 80 | mma sync aligned m16n8k16 row col f32 bf16 bf16 f32 | =f32*4 b32*4 b32*2 f32*4
        7.0 80 | mma sync aligned m16n8k16 row col f32 f16 f16 f32 | =f32*4 b32*4 b32*2 f32*4
        7.0 80 | mma sync aligned m16n8k16 row col f16 f16 f16 f16 | =b32*2 b32*4 b32*2 b32*2
        7.0 80 | mma sync aligned m16n8k32 row col satfinite? s32 $T=s8,u8 $U=s8,u8 s32 | =s32*4 b32*4 b32*2 s32*4
        6.5 75 | ldmatrix sync aligned m8n8 $X=x1,x2,x4 trans? $S=shared? b16 | =b32*X [S:16]
        7.8 75 | movmatrix sync aligned m8n8 trans b16 | =b32 b32

        # products of a warpgroup: negated and M-major operands are not read
        8.0 90 | fence proxy async shared::cta |
        8.0 90a | wgmma fence,commit_group sync aligned |
        8.0 90a | wgmma wait_group sync aligned | #0..7
        8.0 90a | wgmma mma_async sync aligned $N=M64K16 f32 bf16 bf16 | ~f32*N b64 b64 pred #1 #1 #0 #0,1
        8.0 90a | wgmma mma_async sync aligned $N=M64K16 f32 f16 f16 | ~f32*N b64 b64 pred #1 #1 #0 #0,1
        8.0 90a | wgmma mma_async sync aligned $N=M64K16 f32 bf16 bf16 | ~f32*N b32*4 b64 pred #1 #1 #0,1
        8.0 90a | wgmma mma_async sync aligned $N=M64K16 f32 f16 f16 | ~f32*N b32*4 b64 pred #1 #1 #0,1
        """;

    private static readonly (string Name, string Text)[] Shorthands =
    [
        ("=LD ", "=b8,u8,s8,b16,u16,s16,b32,u32,s32,b64,u64,s64,f32,f64 "),
        ("=INT ", "=u16,s16,u32,s32,u64,s64 "),
        ("=CVTINT ", "=u8,s8,u16,s16,u32,s32,u64,s64 "),
        ("FCMP", "eq,ne,lt,le,gt,ge,equ,neu,ltu,leu,gtu,geu,num,nan"),
        ("PRIORITY", "L1::evict_normal,L1::evict_unchanged,L1::evict_first,L1::evict_last,L1::no_allocate"),
        ("EVICTION", "L2::evict_last,L2::evict_normal,L2::evict_first,L2::evict_unchanged"),
        ("PREFETCH", "L2::64B,L2::128B,L2::256B"),
        ("SEM", "relaxed,acquire,release,acq_rel"),
        ("M64K16", string.Join(',', Enumerable.Range(1, 32).Select(eighth => $"m64n{8 * eighth}k16"))),
    ];

    private static readonly FrozenDictionary<string, InstructionForm[]> ByOpcode = Read()
        .GroupBy(form => form.Opcode, StringComparer.Ordinal)
        .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);

    /// <summary>The forms of an opcode; empty when there is none.</summary>
    public static ReadOnlySpan<InstructionForm> Of(string opcode) =>
        ByOpcode.TryGetValue(opcode, out var forms) ? forms : [];

    /// <summary>All forms, in no particular order.</summary>
    public static IEnumerable<InstructionForm> All => ByOpcode.Values.SelectMany(forms => forms);

    private static IEnumerable<InstructionForm> Read()
    {
        var rows = Rows.Split('\n').Concat(AsyncCopies());
        foreach (var row in rows)
        {
            var text = row.Trim();
            if (text.Length == 0 || text[0] == '#') continue;
            foreach (var (name, replacement) in Shorthands)
            {
                text = text.Replace(name, replacement, StringComparison.Ordinal);
            }
            var columns = text.Split('|', 3, StringSplitOptions.TrimEntries);
            var words = columns[1].Split(' ', 2);
            foreach (var opcode in words[0].Split(','))
            {
                var operands = columns[2] == "ATOMIC" ? (opcode == "atom" ? "=T [S:T] T#" : "[S:T] T#") : columns[2];
                yield return new InstructionForm(
                    $"{columns[0]}|{opcode} {(words.Length > 1 ? words[1] : "")}|{operands}");
            }
        }
    }

    /// <summary>The copy size decides the alignment of both addresses, so each size is a row of its own.</summary>
    private static IEnumerable<string> AsyncCopies()
    {
        yield return "7.0 80 | cp async commit_group |";
        yield return "7.0 80 | cp async wait_group | #0..64";
        yield return "7.0 80 | cp async wait_all |";
        foreach (var (cache, bytes) in ((string, int)[])[("ca", 4), ("ca", 8), ("ca", 16), ("cg", 16)])
        {
            yield return $"7.0 80 | cp async {cache} shared global | [shared:{bytes}] [global:{bytes}] #{bytes}";
            yield return $"7.0 80 | cp async {cache} shared global | [shared:{bytes}] [global:{bytes}] #{bytes} u32#";
            var addresses = $"[shared:{bytes}] [global:{bytes}] #{bytes}";
            yield return $"7.4 80 | cp async {cache} shared global PREFETCH | {addresses}";
            yield return $"7.4 80 | cp async {cache} shared global PREFETCH | {addresses} u32#";
            yield return $"7.4 80 | cp async {cache} shared global L2::cache_hint PREFETCH? | {addresses} b64";
            yield return $"7.4 80 | cp async {cache} shared global L2::cache_hint PREFETCH? | {addresses} u32# b64";
        }
    }
}
