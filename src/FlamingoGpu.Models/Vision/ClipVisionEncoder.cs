using FlamingoGpu.Graph;
using FlamingoGpu.Kernels;

namespace FlamingoGpu.Models;

/// <summary>
/// CLIP's vision transformer (open_clip transformer.py VisionTransformer): patches, class token, positions, ln_pre,
/// blocks. Flamingo reads the patch tokens of the last block without the class token and without ln_post; ln_post and
/// the projection serve the pooled embedding only.
/// </summary>
public sealed class ClipVisionEncoder
{
    private readonly Linear _patchEmbedding;
    private readonly Weight _classEmbedding; // [width]
    private readonly Weight _positions; // [1 + patches, width]
    private readonly Norm _normPre;
    private readonly ClipBlock[] _blocks;
    private readonly Norm _normPost;
    private readonly Linear? _projection;

    /// <summary>Takes the tensors from the scope of the tower.</summary>
    public ClipVisionEncoder(WeightScope scope, ClipNaming naming, VisionConfig config)
    {
        Config = config;
        var open = naming == ClipNaming.OpenClip;
        var embeddings = open ? scope : scope["embeddings"];
        long patchElements = 3L * config.PatchSize * config.PatchSize;
        _patchEmbedding = new Linear(
            embeddings.Matrix(
                open ? "conv1.weight" : "patch_embedding.weight",
                [config.Width, patchElements],
                storedShape: [config.Width, 3, config.PatchSize, config.PatchSize]),
            bias: null);
        _classEmbedding = embeddings.Vector("class_embedding", [config.Width]);
        _positions = embeddings.Vector(
            open ? "positional_embedding" : "position_embedding.weight", [config.Patches + 1, config.Width]);
        _normPre = new Norm(scope[open ? "ln_pre" : "pre_layrnorm"], config.Width, config.NormEpsilon);
        var blocks = open ? scope["transformer"]["resblocks"] : scope["encoder"]["layers"];
        _blocks = [.. Enumerable.Range(0, config.Layers).Select(i => new ClipBlock(blocks[i], naming, config))];
        _normPost = new Norm(scope[open ? "ln_post" : "post_layernorm"], config.Width, config.NormEpsilon);
        if (open && config.OutputWidth > 0)
            _projection = new Linear(scope.Transposed("proj", [config.Width, config.OutputWidth]), bias: null);
    }

    /// <summary>Sizes and choices.</summary>
    public VisionConfig Config { get; }

    /// <summary>Encodes pictures.</summary>
    /// <param name="g">The graph.</param>
    /// <param name="pixels">[images, 3, height, width], normalised.</param>
    /// <returns>Patch tokens [images, patches, width].</returns>
    public Value Forward(GraphBuilder g, Value pixels)
    {
        var tokens = Encode(g, pixels); // [images, 1 + patches, width]
        if (Config.PostNormOnTokens) tokens = _normPost.ForwardWide(g, tokens);
        return g.Apply(new SliceTokens(1, Config.Patches), tokens); // [images, patches, width]
    }

    /// <summary>Patch tokens as <see cref="Forward"/> gives them, and the pooled embedding.</summary>
    /// <returns>[images, patches, width] and [images, outputWidth].</returns>
    public (Value Tokens, Value Pooled) ForwardWithPooled(GraphBuilder g, Value pixels)
    {
        var tokens = Encode(g, pixels); // [images, 1 + patches, width]
        var classToken = g.Apply(new SliceTokens(0, 1), tokens); // [images, 1, width]
        var pooled = _normPost.ForwardWide(g, GraphBuilder.Reshape(classToken, [pixels.Shape[0], Config.Width]));
        if (_projection is not null) pooled = _projection.ForwardWide(g, g.Narrow(pooled)); // [images, outputWidth]
        if (Config.PostNormOnTokens) tokens = _normPost.ForwardWide(g, tokens);
        return (g.Apply(new SliceTokens(1, Config.Patches), tokens), pooled);
    }

    private Value Encode(GraphBuilder g, Value pixels)
    {
        var patches = g.Apply(new ExtractPatches(Config.PatchSize), pixels); // [images, patches, 3·patch·patch]
        var x = _patchEmbedding.Forward(g, patches); // [images, patches, width]
        x = g.Apply(new AssembleTokens(), x, g.Constant(_classEmbedding), g.Constant(_positions)); // [images, 1 + patches, width]
        x = _normPre.ForwardWide(g, x);
        for (var i = 0; i < _blocks.Length; i++)
        {
            using var scope = g.Scope($"block{i}");
            x = _blocks[i].Forward(g, x);
        }

        return x;
    }
}
