using System.Text;
using FlamingoGpu.Formats;

namespace FlamingoGpu.Fuzz;

public sealed class JsonConfigFuzz
{
    private static readonly string[] Seeds =
    [
        """{"model_cfg": {"embed_dim": 768, "vision_cfg": {"image_size": [224, 336], "layers": 24, "eps": 1e-05}}}""",
        """
        {"d_model": 2048, "alibi": true, "name": "mpt \u00e9 \ud83e\udda9", "none": null,
         "list": [1, 2, 3], "s": ["a"]}
        """,
    ];

    [Fact]
    public void Load_DamagedText_OnlyInvalidFileEscapes()
    {
        var target = new FuzzTarget("json-config", [.. Seeds.Select(Encoding.UTF8.GetBytes)], ReadEverything);
        Assert.True(target.Run() > 0);
    }

    private static void ReadEverything(byte[] utf8) => Visit(JsonConfig.Parse("fuzz.json", utf8));

    private static void Visit(JsonConfig config)
    {
        foreach (var key in config.Keys)
        {
            Action[] getters =
            [
                () => config.Int(key, 0), () => config.Double(key, 0), () => config.Bool(key, false),
                () => config.String(key, ""), () => config.IntOrPair(key), () => config.Ints(key),
                () => config.Doubles(key), () => config.Strings(key), () => Visit(config.Object(key)),
            ];
            foreach (var getter in getters)
            {
                try
                {
                    getter();
                }
                catch (Core.InvalidFileException)
                {
                    // Most getters do not fit most keys.
                }
            }
        }
        _ = config.UnreadKeys.Count();
    }
}
