using FlamingoGpu.Tests.Cli;

namespace FlamingoGpu.Tests.Api;

/// <summary>Engines that are disposed: twice, before a further request, and while a request runs.</summary>
public sealed class DisposalTests
{
    private static readonly SequenceInput s_prompt = new([5, 9, 7], [], []);

    private static readonly GenerationOptions s_options = new() { MaxNewTokens = 40, Temperature = 1, StopIds = [999] };

    [Theory]
    [InlineData("cpu")]
    [InlineData("virtual")]
    public void Dispose_Twice_DoesNothingMoreAndRefusesRequests(string device)
    {
        var flamingo = Load(device);
        flamingo.Generate(s_prompt, new GenerationOptions { MaxNewTokens = 2 });

        flamingo.Dispose();
        flamingo.Dispose();

        Assert.Throws<ObjectDisposedException>(() => flamingo.Generate(s_prompt, s_options));
        Assert.Throws<ObjectDisposedException>(() => flamingo.Score(s_prompt, [[7]]));
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("virtual")]
    public async Task Dispose_WhileARequestRuns_WaitsForItsEnd(string device)
    {
        var flamingo = Load(device);
        var hasBegun = new TaskCompletionSource();
        var request = Task.Run(() => flamingo.Generate(s_prompt, s_options, onText: _ => hasBegun.TrySetResult()));
        await Task.WhenAny(hasBegun.Task, request);

        flamingo.Dispose();

        Assert.Equal(40, (await request).TokenIds.Count);
    }

    [Fact]
    public void Dispose_OneOfTwoEngines_LeavesTheOther()
    {
        using var other = Load("virtual");
        using (var flamingo = Load("virtual"))
            Assert.Equal(
                flamingo.Generate(s_prompt, s_options).TokenIds, other.Generate(s_prompt, s_options).TokenIds);

        Assert.Equal(40, other.Generate(s_prompt, s_options).TokenIds.Count);
    }

    private static Flamingo Load(string device) => Flamingo.Load(
        new FlamingoOptions { ModelPath = Paths.Tiny, Device = device });
}
