namespace FlamingoGpu.Gpu.Tests.Reading;

/// <summary>
/// Texts that are not legal PTX, each with one mistake; the marked line (// Bad.cs:1) must be named together with the
/// given words.
/// </summary>
internal static class InvalidTexts
{
    public static readonly Dictionary<string, (string Body, string Words)> InBody = new(StringComparer.Ordinal)
    {
        ["wrong register type"] = ("add.f32 %f0, %f1, %r1; // Bad.cs:1", "%r1 is .u32"),
        ["wrong register width"] = ("add.s32 %r0, %r1, %rd1; // Bad.cs:1", "%rd1 is .b64"),
        ["16-bit where 32 is needed"] = ("add.u32 %r0, %h0, 1; // Bad.cs:1", "%h0 is .b16"),
        ["predicate as number"] = ("mov.b32 %r0, %p0; // Bad.cs:1", "%p0 is .pred"),
        ["undeclared register"] = ("mov.b32 %r0, %x9; // Bad.cs:1", "the register %x9 is not declared"),
        ["register past its range"] = ("mov.b32 %r0, %r8; // Bad.cs:1", "the register %r8 is not declared"),
        ["register with leading zero"] = ("mov.b32 %r0, %r01; // Bad.cs:1", "the register %r01 is not declared"),
        ["undeclared guard"] = ("@%q0 bra END; // Bad.cs:1", "the guard %q0 is not declared"),
        ["guard that is no predicate"] = ("@%r0 bra END; // Bad.cs:1", "the guard %r0 is .u32"),
        ["unknown opcode"] = ("frobnicate.b32 %r0, %r1; // Bad.cs:1", "the instruction 'frobnicate' is not known"),
        ["instruction of a later chip"] = ("elect.sync %r0|%p0, %r1; // Bad.cs:1", "the instruction 'elect' is not known"),
        ["unknown modifier"] = ("add.wrap.s32 %r0, %r1, %r2; // Bad.cs:1", "no such combination"),
        ["modifiers out of order"] = ("add.s32.sat %r0, %r1, %r2; // Bad.cs:1", "no such combination"),
        ["missing rounding"] = ("fma.f32 %f0, %f1, %f2, %f3; // Bad.cs:1", "no such combination"),
        ["missing rounding in cvt"] = ("cvt.f32.s32 %f0, %r1; // Bad.cs:1", "no such combination"),
        ["rounding where none belongs"] = ("cvt.rn.f32.bf16 %f0, %h0; // Bad.cs:1", "no such combination"),
        ["too few operands"] = ("add.s32 %r0, %r1; // Bad.cs:1", "takes 3 operands"),
        ["too many operands"] = ("mov.b32 %r0, %r1, %r2; // Bad.cs:1", "takes 2 operands"),
        ["integer literal as float"] = ("add.f32 %f0, %f1, 1; // Bad.cs:1", "the literal '1' is no .f32"),
        ["float literal as integer"] = ("add.s32 %r0, %r1, 1.5; // Bad.cs:1", "the literal '1.5' is no .s32"),
        ["literal too large"] = ("add.s32 %r0, %r1, 4294967296; // Bad.cs:1", "the literal '4294967296' is no .s32"),
        ["literal too small"] = ("add.s16 %h0, %h1, -32769; // Bad.cs:1", "the literal '-32769' is no .s16"),
        ["short bit-exact float"] = ("mov.f32 %f0, 0f3F8; // Bad.cs:1", "the literal '0f3F8' is no .f32"),
        ["special register in arithmetic"] = ("add.u32 %r0, %tid.x, 1; // Bad.cs:1", "'%tid.x' (special) cannot stand here"),
        ["special register of another width"] = ("mov.u64 %rd0, %tid.x; // Bad.cs:1", "has 32 bits"),
        ["undeclared label"] = ("bra NOWHERE; // Bad.cs:1", "'NOWHERE' is not declared"),
        ["label twice"] = ("TWICE: mov.b32 %r0, 1;\nTWICE: mov.b32 %r0, 2; // Bad.cs:1", "the label 'TWICE' stands twice"),
        ["variable twice"] = (".shared .b32 tile[4]; // Bad.cs:1", "the name 'tile' is declared twice"),
        ["register twice"] = (".reg .b32 %r3; // Bad.cs:1", "the register %r3 is declared twice"),
        ["register range over a name"] = (".reg .b32 %z1;\n.reg .b32 %z<4>; // Bad.cs:1", "the register %z is declared twice"),
        ["8-bit register"] = (".reg .b8 %q; // Bad.cs:1", "expected a register type"),
        ["alignment no power of two"] = (".shared .align 12 .b8 odd[16]; // Bad.cs:1", ".align 12 is not a power of two"),
        ["too much fixed shared memory"] = (".shared .b8 big[49152]; // Bad.cs:1", "at most 49152 fit"),
        ["vector on a variable too little aligned"] = ("ld.shared.v4.b32 {%r0, %r1, %r2, %r3}, [tile]; // Bad.cs:1", "needs an address that is a multiple of 16"),
        ["vector at a misaligned offset"] = ("ld.shared.v2.b32 {%r0, %r1}, [wide+4]; // Bad.cs:1", "needs an address that is a multiple of 8"),
        ["past the end of a variable"] = ("ld.shared.b32 %r0, [tile+32]; // Bad.cs:1", "lie outside tile"),
        ["parameter past its end"] = ("ld.param.u64 %rd0, [n]; // Bad.cs:1", "lie outside n"),
        ["parameter through a register"] = ("ld.param.u64 %rd0, [%rd1]; // Bad.cs:1", "not through a register"),
        ["store to a parameter"] = ("st.param.u32 [n], %r0; // Bad.cs:1", "no such combination"),
        ["variable of another space"] = ("ld.global.b32 %r0, [tile]; // Bad.cs:1", "tile lives in .shared"),
        ["global address in 32 bits"] = ("ld.global.b32 %r0, [%r1]; // Bad.cs:1", "takes a 64-bit integer register"),
        ["float as address"] = ("ld.shared.b32 %r0, [%f1]; // Bad.cs:1", "integer register"),
        ["vector of three"] = ("ld.global.v4.b32 {%r0, %r1, %r2}, [%rd0]; // Bad.cs:1", "has 3 registers, expected 4"),
        ["vector without v"] = ("ld.global.b32 {%r0}, [%rd0]; // Bad.cs:1", "expected one without braces"),
        ["destination twice"] = ("ld.global.v2.b32 {%r0, %r0}, [%rd0]; // Bad.cs:1", "names a destination register twice"),
        ["access above 16 bytes"] = ("ld.global.v4.b64 {%rd0, %rd1, %rd2, %rd3}, [%rd4]; // Bad.cs:1", "at most 16 bytes"),
        ["fragment of A with two registers"] = ("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%f0, %f1, %f2, %f3}, {%r0, %r1}, {%r2, %r3}, {%f0, %f1, %f2, %f3}; // Bad.cs:1", "operand 2: '{%r0, %r1}' has 2 registers, expected 4"),
        ["accumulator in integer registers"] = ("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%r4, %r5, %r6, %r7}, {%r0, %r1, %r2, %r3}, {%r2, %r3}, {%f0, %f1, %f2, %f3}; // Bad.cs:1", "%r4 is .u32"),
        ["unknown matrix shape"] = ("mma.sync.aligned.m8n8k4.row.col.f32.f16.f16.f32 {%f0, %f1, %f2, %f3}, {%r0, %r1, %r2, %r3}, {%r2, %r3}, {%f0, %f1, %f2, %f3}; // Bad.cs:1", "no such combination"),
        ["ldmatrix with two of four registers"] = ("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%r0, %r1}, [%r2]; // Bad.cs:1", "has 2 registers, expected 4"),
        ["cp.async.cg of 8 bytes"] = ("cp.async.cg.shared.global [%r0], [%rd0], 8; // Bad.cs:1", "'8' must be 16"),
        ["cp.async of 12 bytes"] = ("cp.async.ca.shared.global [%r0], [%rd0], 12; // Bad.cs:1", "must be"),
        ["wait_group of a register"] = ("cp.async.wait_group %r0; // Bad.cs:1", "must be a literal"),
        ["lop3 table above 255"] = ("lop3.b32 %r0, %r1, %r2, %r3, 256; // Bad.cs:1", "must be between 0 and 255"),
        ["negated where it cannot be"] = ("selp.b32 %r0, %r1, %r2, !%p0; // Bad.cs:1", "cannot be negated"),
        ["shuffle without mask"] = ("shfl.sync.bfly.b32 %r0, %r1, 1, 31; // Bad.cs:1", "takes 5 operands"),
        ["shuffle of the old kind"] = ("shfl.bfly.b32 %r0, %r1, 1, 31; // Bad.cs:1", "no such combination"),
        ["unaligned barrier"] = ("barrier.sync 0; // Bad.cs:1", "no such combination"),
        ["clock"] = ("mov.u32 %r0, %clock; // Bad.cs:1", "%clock is not declared"),
        ["nested scope"] = ("{ .reg .b32 %q; } // Bad.cs:1", "nested scopes are not read"),
        ["unknown directive"] = (".pragma \"nounroll\"; // Bad.cs:1", "'.pragma' is not read inside a kernel"),
        ["missing semicolon"] = ("mov.b32 %r0, %r1 // Bad.cs:1\nmov.b32 %r1, %r2;", "expected ';'"),
        ["call"] = ("call foo; // Bad.cs:1", "the instruction 'call' is not known"),
        ["packed floats in an integer register"] = ("fma.rn.bf16x2 %r0, %r1, %r2, %r3; // Bad.cs:1", "%r0 is .u32, expected .bf16x2"),
        ["vector of literals"] = ("st.global.v2.b32 [%rd0], {0, %r1}; // Bad.cs:1", "'0' in braces is a literal"),
        ["vector of two literals"] = ("st.global.v2.b32 [%rd0], {3, 4}; // Bad.cs:1", "'3' in braces is a literal"),
        ["literal in a conversion"] = ("cvt.rn.bf16.f32 %h0, 0f3F800000; // Bad.cs:1", "'0f3F800000' (immediate) cannot stand here"),
        ["shuffled literal"] = ("shfl.sync.idx.b32 %r0, 7, 1, 31, -1; // Bad.cs:1", "'7' (immediate) cannot stand here"),
        ["reduction of a literal"] = ("redux.sync.add.s32 %r0, 7, -1; // Bad.cs:1", "'7' (immediate) cannot stand here"),
        ["address as a difference"] = ("ld.global.b32 %r0, [%rd0-4]; // Bad.cs:1", "an address is a sum"),
        ["barrier past the sixteen"] = ("bar.sync 16; // Bad.cs:1", "'16' must be between 0 and 15"),
        ["label named as a variable"] = ("tile: mov.b32 %r0, 1; // Bad.cs:1", "has the name of something else"),
        ["label named as a register"] = ("%r3: mov.b32 %r0, 1; // Bad.cs:1", "has the name of something else"),
        ["stray character"] = ("mov.b32 %r0, #1; // Bad.cs:1", "has no place in PTX"),
    };

    public static readonly Dictionary<string, (string Text, string Words)> Whole = new(StringComparer.Ordinal)
    {
        ["empty"] = ("", "no .version"),
        ["target before version"] = (".target sm_80\n.version 7.0\n.address_size 64\n", "no .version before '.target'"),
        ["comment beyond ascii"] = (Kernel("ret; // \u03a3 of the row"), "is not ASCII"),
        ["no target"] = (".version 7.0\n.address_size 64\n", "no .target"),
        ["no address size"] = (".version 7.0\n.target sm_80\n", "no .address_size"),
        ["version twice"] = (".version 7.0\n.version 7.0\n.target sm_80\n.address_size 64", ".version stands twice"),
        ["version of long ago"] = (".version 3.2\n.target sm_80\n.address_size 64", ".version 3.2 is not one of"),
        ["unknown target"] = (".version 7.0\n.target sm_81\n.address_size 64", ".target sm_81 is not read"),
        ["target of one chip"] = (".version 8.0\n.target sm_100a\n.address_size 64", ".target sm_100a is not read"),
        ["target of one chip in an old version"] = (".version 7.8\n.target sm_90a\n.address_size 64", ".target sm_90a needs .version 8.0"),
        ["warpgroup product on the plain chip"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, %rd0, %rd1, %p0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90"), "needs .version 8.0 and .target sm_90a exactly"),
        ["warpgroup fence on a later chip"] = (Kernel("wgmma.fence.sync.aligned;\nret;", version: "8.6", target: "sm_100"), "the text says .version 8.6 and .target sm_100"),
        ["proxy fence on an old chip"] = (Kernel("fence.proxy.async.shared::cta;\nret;", version: "8.0", target: "sm_80"), "needs .version 8.0 and .target sm_90 or higher"),
        ["too few accumulators"] = (Kernel("wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, %rd0, %rd1, %p0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "has 4 registers, expected 8"),
        ["accumulator twice"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f0, %f1, %f2, %f2}, %rd0, %rd1, %p0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "names a destination register twice"),
        ["columns of a warpgroup"] = (Kernel("wgmma.mma_async.sync.aligned.m64n12k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, %rd0, %rd1, %p0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "no such combination of modifiers"),
        ["too many columns of a warpgroup"] = (Kernel("wgmma.mma_async.sync.aligned.m64n264k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, %rd0, %rd1, %p0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "no such combination of modifiers"),
        ["depth of a warpgroup's product"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k32.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, %rd0, %rd1, %p0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "no such combination of modifiers"),
        ["mixed types of a warpgroup"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.f16 {%f0, %f1, %f2, %f3}, %rd0, %rd1, %p0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "no such combination of modifiers"),
        ["accumulators of a warpgroup in integer registers"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%r0, %r1, %r2, %r3}, %rd0, %rd1, %p0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "operand 1: %r0 is .u32, expected .f32"),
        ["narrow descriptor"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, %r0, %rd1, %p0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "operand 2: %r0 is .u32, expected .b64"),
        ["fragment of a warpgroup with two registers"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, {%r0, %r1}, %rd1, %p0, 1, 1, 0;\nret;", version: "8.0", target: "sm_90a"), "has 2 registers, expected 4"),
        ["transposed fragment"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, {%r0, %r1, %r2, %r3}, %rd1, %p0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "has 4 registers, expected one without braces"),
        ["scale-d in a register"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, %rd0, %rd1, %r0, 1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "operand 4: %r0 is .u32, expected .pred"),
        ["negated operand of a warpgroup"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, %rd0, %rd1, %p0, -1, 1, 0, 0;\nret;", version: "8.0", target: "sm_90a"), "operand 5: '-1' must be 1"),
        ["transposed left operand"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, %rd0, %rd1, %p0, 1, 1, 1, 0;\nret;", version: "8.0", target: "sm_90a"), "operand 7: '1' must be 0"),
        ["transposition out of range"] = (Kernel("wgmma.mma_async.sync.aligned.m64n8k16.f32.bf16.bf16 {%f0, %f1, %f2, %f3}, %rd0, %rd1, %p0, 1, 1, 0, 2;\nret;", version: "8.0", target: "sm_90a"), "operand 8: '2' must be 0 or 1"),
        ["wait for many groups"] = (Kernel("wgmma.wait_group.sync.aligned 8;\nret;", version: "8.0", target: "sm_90a"), "operand 1: '8' must be between 0 and 7"),
        ["wait for groups in a register"] = (Kernel("wgmma.wait_group.sync.aligned %r0;\nret;", version: "8.0", target: "sm_90a"), "operand 1: '%r0' must be a literal"),
        ["unaligned warpgroup fence"] = (Kernel("wgmma.fence.sync;\nret;", version: "8.0", target: "sm_90a"), "no such combination of modifiers"),
        ["32-bit addresses"] = (".version 7.0\n.target sm_80\n.address_size 32", "only .address_size 64"),
        ["function"] = (".version 7.0\n.target sm_80\n.address_size 64\n.func foo() { ret; }", "'.func' is not read"),
        ["unterminated kernel"] = (Kernel("mov.b32 %r0, 1;\nret;")[..^1], "closing '}' is missing"),
        ["kernel without end"] = (Kernel("mov.b32 %r0, 1;"), "past its last instruction"),
        ["kernel that may not end"] = (Kernel("@%p0 ret;"), "past its last instruction"),
        ["empty kernel"] = (Kernel(""), "past its last instruction"),
        ["label at the very end"] = (Kernel("bra END2;\nEND2:"), "stands behind the last instruction"),
        ["kernel twice"] = (Kernel("ret;") + Kernel("ret;")[Kernel("ret;").IndexOf(".visible", StringComparison.Ordinal)..], "declared twice"),
        ["minnctapersm alone"] = (Kernel("ret;", ".minnctapersm 1"), ".minnctapersm needs .maxntid"),
        ["block too large"] = (Kernel("ret;", ".maxntid 1024, 2, 1"), "1 to 1024 threads"),
        ["unknown kernel directive"] = (Kernel("ret;", ".maxnreg 64"), "'.maxnreg' is not read"),
        ["comment without end"] = (Kernel("ret; /* never"), "never closed"),
        ["bf16 product in an old version"] = (Kernel(".reg .b32 %q<4>;\nfma.rn.bf16x2 %q0, %q1, %q2, %q3;\nret;", version: "6.5"), "needs .version 7.0 and .target sm_80"),
        ["async copy on an old chip"] = (Kernel("cp.async.commit_group;\nret;", target: "sm_75"), "needs .version 7.0 and .target sm_80"),
        ["bf16 to f32 in 7.0"] = (Kernel("cvt.f32.bf16 %f0, %h0;\nret;", version: "7.0"), "needs .version 7.1"),
        ["cache hint in 7.0"] = (Kernel("ld.global.nc.L1::no_allocate.v4.b32 {%r0, %r1, %r2, %r3}, [%rd0];\nret;", version: "7.0"), "needs .version 7.4"),
        ["bf16 sum on sm_80"] = (Kernel(".reg .b32 %q<4>;\nadd.bf16x2 %q0, %q1, %q2;\nret;", version: "7.8"), "needs .version 7.8 and .target sm_90"),
        ["constants that do not fit"] = (".version 7.0\n.target sm_80\n.address_size 64\n.const .b32 t[2] = {1, 2, 3};", "more values than elements"),
        ["constants past 64 KiB"] = (".version 7.0\n.target sm_80\n.address_size 64\n.const .b32 t[16385];", "at most 65536 fit"),
        ["huge array"] = (".version 7.0\n.target sm_80\n.address_size 64\n.global .b64 t[99999999999999999999];", "array's length"),
        ["dynamic shared memory with a length"] = (".version 7.0\n.target sm_80\n.address_size 64\n.extern .shared .b8 t[4];", "without a length"),
        ["parameters past 4096 bytes"] = (Kernel("ret;").Replace(".param .u32 n", ".param .u32 n, .param .b8 more[4090]", StringComparison.Ordinal), "more than 4096 bytes"),
    };

    public static string Kernel(string body, string directives = "", string version = "7.4", string target = "sm_80") =>
        $$"""
        .version {{version}}
        .target {{target}}
        .address_size 64
        .visible .entry bad(.param .u64 in, .param .u32 n) {{directives}}
        {
        .reg .pred %p<4>;
        .reg .b16 %h<4>;
        .reg .u32 %r<8>;
        .reg .f32 %f<8>;
        .reg .b64 %rd<8>;
        .shared .align 4 .b32 tile[8];
        .shared .align 16 .b8 wide[64];
        {{body}}
        }
        """;
}
