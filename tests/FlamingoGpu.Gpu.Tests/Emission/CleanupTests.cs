using FlamingoGpu.Ptx;
using FsCheck;
using FsCheck.Fluent;
using static FlamingoGpu.Ptx.DeviceCode;

namespace FlamingoGpu.Gpu.Tests.Emission;

/// <summary>
/// Random programs over variables and values, staged and cleaned up, must store what the same program stores on the
/// host.
/// A value read from a variable must keep its old content whatever happens to the variable afterwards.
/// </summary>
public sealed class CleanupTests
{
    private const int Variables = 3;

    [Fact]
    public void Define_AnyProgram_ComputesWhatItSays() =>
        Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
        {
            var program = Program.Random(new System.Random(seed), depth: 3, length: 12);
            var lines = StagingTests.Stage(k => new DeviceRun(k.Output<S32>("y")).Run(program));
            var host = new HostRun();
            host.Run(program);
            var device = IntegerInterpreter.Run(lines);
            return device.Count == host.Stores.Count
                && host.Stores.All(pair => device[4 * pair.Key].SequenceEqual(pair.Value));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));

    /// <summary>One statement; the meaning of A, B and C depends on the kind.</summary>
    private sealed record Statement(Kind Kind, int A, int B, int C, Program? Body = null);

    private enum Kind
    {
        Read,
        Combine,
        Set,
        Add,
        SetFromVariable,
        Rotate,
        Store,
        If,
        Guard,
        Loop,
    }

    private sealed record Program(Statement[] Statements)
    {
        public static Program Random(System.Random random, int depth, int length, bool isGuarded = false)
        {
            var statements = new Statement[random.Next(1, length + 1)];
            for (var i = 0; i < statements.Length; i++)
            {
                var kind = (Kind)random.Next(isGuarded || depth == 0 ? (int)Kind.If : (int)Kind.Loop + 1);
                var body = kind < Kind.If ? null : Random(random, depth - 1, length / 2 + 1, kind == Kind.Guard);
                statements[i] = new Statement(kind, random.Next(100), random.Next(100), random.Next(100), body);
            }

            return new Program(statements);
        }
    }

    private sealed class DeviceRun(Ptr<S32> output)
    {
        private readonly Var<S32>[] _variables = [Var(2), Var(3), Var(5)];

        public void Run(Program program) => Run(program, [7, 11]);

        private void Run(Program program, List<S32> outer)
        {
            var values = new List<S32>(outer);
            foreach (var (kind, a, b, c, body) in program.Statements)
            {
                var variable = _variables[a % Variables];
                switch (kind)
                {
                    case Kind.Read: values.Add(variable); break;
                    case Kind.Combine:
                        values.Add(Combine(values[a % values.Count], values[b % values.Count], c));
                        break;
                    case Kind.Set: variable.Set(values[b % values.Count]); break;
                    case Kind.Add: variable += values[b % values.Count]; break;
                    case Kind.SetFromVariable: variable.Set(Combine(_variables[b % Variables], variable, c)); break;
                    case Kind.Rotate:
                        var rotated = Combine(variable, values[b % values.Count], c);
                        _variables[b % Variables].Set(Combine(variable, _variables[b % Variables], b));
                        variable.Set(rotated);
                        break;
                    case Kind.Store: output[a % 5] = values[b % values.Count]; break;
                    case Kind.If: If(variable < b, () => Run(body!, values)); break;
                    case Kind.Guard: When(variable < b, () => Run(body!, values)); break;
                    default: For(0, b % 4, i => Run(body!, [.. values, i])); break;
                }
            }
        }

        private static S32 Combine(S32 a, S32 b, int how) => (how % 4) switch
        {
            0 => a + b,
            1 => a - b,
            2 => a * b,
            _ => a ^ b,
        };
    }

    private sealed class HostRun
    {
        private readonly int[] _variables = [2, 3, 5];

        public Dictionary<int, List<int>> Stores { get; } = [];

        public void Run(Program program) => Run(program, [7, 11]);

        private void Run(Program program, List<int> outer)
        {
            var values = new List<int>(outer);
            foreach (var (kind, a, b, c, body) in program.Statements)
            {
                ref var variable = ref _variables[a % Variables];
                switch (kind)
                {
                    case Kind.Read: values.Add(variable); break;
                    case Kind.Combine:
                        values.Add(Combine(values[a % values.Count], values[b % values.Count], c));
                        break;
                    case Kind.Set: variable = values[b % values.Count]; break;
                    case Kind.Add: variable = unchecked(variable + values[b % values.Count]); break;
                    case Kind.SetFromVariable: variable = Combine(_variables[b % Variables], variable, c); break;
                    case Kind.Rotate:
                        var rotated = Combine(variable, values[b % values.Count], c);
                        _variables[b % Variables] = Combine(variable, _variables[b % Variables], b);
                        variable = rotated;
                        break;
                    case Kind.Store: Store(a % 5, values[b % values.Count]); break;
                    case Kind.If or Kind.Guard when variable < b: Run(body!, values); break;
                    case Kind.Loop:
                        for (var i = 0; i < b % 4; i++) Run(body!, [.. values, i]);
                        break;
                }
            }
        }

        private static int Combine(int a, int b, int how) => unchecked((how % 4) switch
        {
            0 => a + b,
            1 => a - b,
            2 => a * b,
            _ => a ^ b,
        });

        private void Store(int place, int value)
        {
            if (!Stores.TryGetValue(place, out var values)) Stores[place] = values = [];
            values.Add(value);
        }
    }
}
