using FlamingoGpu.Core;
using FlamingoGpu.VirtualGpu;

namespace FlamingoGpu.Gpu.Tests.Launches;

/// <summary>An argument of a launch.</summary>
internal abstract record LaunchValue;

/// <summary>Memory the kernel reads and must leave as it is.</summary>
internal sealed record Input(Numbers Numbers) : LaunchValue;

/// <summary>Memory the kernel must write, all of it, each number within its bound of the expected one.</summary>
internal sealed record Output(DType Type, double[] Expected, double[] Bounds) : LaunchValue;

/// <summary>A number passed by value.</summary>
internal sealed record Scalar(LaunchArgument Value) : LaunchValue;
