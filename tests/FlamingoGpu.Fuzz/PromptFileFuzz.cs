using System.Text;
using FlamingoGpu.Models.Prompts;

namespace FlamingoGpu.Fuzz;

public sealed class PromptFileFuzz
{
    private static readonly string[] Seeds =
    [
        """
        {"pieces":[{"text":"a \u00e9 "},{"image":"a.png"},{"end_of_chunk":true},
           {"image":"data:image/png;base64,AAECAw=="}],
         "options":{"max_new_tokens":7,"temperature":0.5,"top_k":4,"top_p":0.9,"min_p":0.1,"seed":3,
           "stop":["x"],"special":true}}
        """,
        """
        [{"task":"caption","shots":[{"image":"1.png","text":"A dog."}],"image":"2.png"},
         {"task":"vqa","shots":[{"image":"1.png","question":"Q?","answer":"no"}],"image":"3.png","question":"Q2?"},
         {"task":"generate","shots":[{"text":"one"}],"text":"two","options":{"num_beams":3,"length_penalty":0.0}}]
        """,
    ];

    [Fact]
    public void Parse_DamagedPromptFile_OnlyInvalidFileEscapes()
    {
        var target = new DamagedText(
            "prompt-file",
            [.. Seeds.Select(Encoding.UTF8.GetBytes)],
            bytes => PromptFile.Parse(bytes, "fuzz.json", "/"));
        Assert.True(target.Run() > 0);
    }
}
