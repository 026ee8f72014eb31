// The texts of the tokenizer goldens: written-out cases, products of small lists, and seeded random mixtures.
let state = 20240607n;
const random = (n) => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(n));
};
const pick = (list) => list[random(list.length)];

const handwritten = [
  '', ' ', '  ', '\n', '\t', '\r\n', '\0', 'a', 'A large red circle on a white background.',
  "I'm you're he's we've she'll they'd don't DON'T I'M 's 't 're 've 'm 'll 'd 'S 'x '", "''s '''ll ' s it''s",
  '1234567890', '3.14159', '1,000,000', '²³¹ ½ ¼ Ⅷ ٣٤٥ ๑๒๓ 〇 𝟘𝟙𝟚', 'x1y2z3', 'abc123def', '12 34  56   78',
  'e\u0301', '\u00e9', 'A\u030a', '\u212b', '\u1e9b\u0323', 'q\u0307\u0323', 'q\u0323\u0307', '\ud55c\uae00', '\u1112\u1161\u11ab',
  '\u1100\u1161', '\uac00\u11a8', 'ｆｕｌｌｗｉｄｔｈ', 'ﬁ ﬂ ﬃ', '\u0958', '\u2126 \u212a', '\uf900\ufa0e', '\ud834\udd5e', '\u0344', '\u0340\u0341',
  'a\u0315\u0300\u05ae\u0062', '\u0300abc', ' \u0301', '\u0308\u0301', '\u1025\u102e', '\u0b47\u0b56 \u0b47\u0b3e \u0b47\u0b57',
  'Zalgo: Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324\u031e\u0349\u035a\u032f\u031e\u0320\u034dA\u036b\u0357\u0334\u0362\u0335\u031c\u0330\u0354',
  '日本語のテキスト', '中文字符，标点。', '한국어 텍스트', 'ภาษาไทย', 'नमस्ते दुनिया', 'العربية', 'עִבְרִית', 'Ελληνικά', 'Русский текст', 'ქართული', 'አማርኛ',
  '𝕳𝖊𝖑𝖑𝖔 𝔘𝔫𝔦𝔠𝔬𝔡𝔢', '𐐷𐑊𐐬 𐐶𐐲𐑉𐑊𐐼', '𠀀𠀁𠀂 漢字', '𞤀𞤁𞤂', '𓀀𓂀', '😀', '😀😀😀', '👩‍👩‍👧‍👦', '👍🏽', '🇩🇪🇫🇷', '❤️', '🏳️‍🌈 flag', 'x😀y', ' 😀 ', '😀1', '1😀',
  '\u200b\u200c\u200d\ufeff', 'a\u00a0b', 'a\u2003b', 'a\u3000b', '\u2028\u2029', 'a\u0085b', '\u180e', '\u202e override', '\u00ad soft',
  '\u0000\u0001\u0002\u001f\u007f\u0080\u009f', 'tab\tsep', 'line\nbreak', 'a\r\nb', 'a\n\nb', 'a \n b', 'a\n  b', '  leading', 'trailing  ', '\n\n\n', ' \n \n ',
  '<image>', '<|endofchunk|>', '<|endoftext|>', '<PAD>', '<|padding|>', '<image>Output:', '<image>Output:A dog.<|endofchunk|>\n<image>Output:',
  '<image>Question:What color is the circle? Short answer:red<|endofchunk|>', 'x<image>y', ' <image> ', '<image', 'image>', '<<image>>', '<im<image>age>', '<Image>',
  '<image><image>', '<|endofchunk|><|endofchunk|>', '<|endofchunk', '<|endoftext|> <|endoftext|>', '<IMAGE>', '<|image|>', '< image>', '<image\u0301>',
  'http://example.com/a?b=c&d=e#f', 'user@example.com', 'C:\\path\\file.txt', '{"json": [1, 2, {"a": null}]}', 'x = (a + b) * c / d - e % f;',
  '// comment\n\tif (x) {\n\t\treturn "y";\n\t}\n', '#!/bin/sh\nset -eu\n', '—–-‐', '“quotes” ‘single’', '…', '©®™', '€£¥', '→←↑↓', '□■○●', '\ufffd', '\uffff', '\ufffe',
  '\u{10ffff}', '\u{1f600}\u{fe0f}', '\u{e0001}', 'ĀāĂă ŁłŃń', 'Ġ Ċ ĉ', 'İstanbul ıI', 'ßẞ', 'ŉ', 'ǆǅǄ', 'ΑΙΣ ΟΔΟΣ', 'naïve café résumé', 'Ａ　Ｂ',
];

const words = ['a', 'A', 'the', 'red', 'circle', 'Output', 'Question', 'triangle', 'xyzzy', 'ANSWER', 'naïve', 'e\u0301te\u0301', '日本', '𝒳𝒴', 'привет', 'שלום', 'हिन्दी',
  '😀', '👩‍🚀', '12', '3', '½', '٣', "'s", "n't", "'ll", "'", '"', '.', ',', '!?', '...', '-', '--', '(', ')', '<', '>', '|', '<image>', '<|endofchunk|>', '<|endoftext|>', '<PAD>', '<|padding|>',
  '\u0301', '\u200d', '\ufe0f', '\u00a0', '\u2009', '\u3000', '_', 'a_b', '\u0000', '\u001b[0m', '\\', '/', '@', '#', '$', '%', '&', '*', '+', '=', '~', '`', '^'];
const gaps = ['', '', ' ', ' ', ' ', '  ', '   ', '     ', '\n', '\n\n', '\t', ' \n', '\n ', '\r\n', '        ', '\u00a0', ' \t '];

const strings = [...handwritten];
for (let n = 1; n <= 60; n++) strings.push(' '.repeat(n), ' '.repeat(n) + 'x', 'x' + ' '.repeat(n), 'x' + ' '.repeat(n) + 'y');
for (let n = 2; n <= 26; n += 3) strings.push('\n'.repeat(n), '\t'.repeat(n) + 'x', ' '.repeat(n) + '\n' + ' '.repeat(n) + 'z', ' '.repeat(n) + '<image>' + ' '.repeat(n));
for (const n of [100, 1000, 5000]) strings.push('a'.repeat(n), 'ab'.repeat(n / 2), 'circle'.repeat(n / 5), '9'.repeat(n), '!'.repeat(n), ' '.repeat(n), '語'.repeat(n / 4), '😀'.repeat(n / 4), 'e\u0301'.repeat(n / 4));
for (const a of ['a', '1', '!', ' ', '\n', 'é', '語', '😀', '𝒳', "'", '\u0301', '<image>', '  ']) for (const b of ['b', '2', '?', ' ', '\n', 'ß', '한', '👍🏽', '𝟙', "'s", '\u0308', '<|endofchunk|>', '   ']) strings.push(a + b, a + ' ' + b);
for (let i = 0; i < 700; i++) {
  let s = '';
  for (let k = 1 + random(14); k > 0; k--) s += pick(words) + pick(gaps);
  strings.push(s);
}
const blocks = [[0x20, 0x7e], [0x20, 0x7e], [0xa0, 0x24f], [0x300, 0x36f], [0x370, 0x5ff], [0x600, 0xe00], [0x1000, 0x11ff], [0x1e00, 0x206f], [0x2070, 0x2bff], [0x3000, 0x30ff], [0x4e00, 0x9fff],
  [0xac00, 0xd7a3], [0xf900, 0xfaff], [0xff00, 0xffef], [0x10000, 0x107ff], [0x1d100, 0x1d7ff], [0x1f300, 0x1faff], [0x20000, 0x2ffff], [0, 0x1f]];
for (let i = 0; i < 500; i++) {
  let s = '';
  for (let k = 1 + random(24); k > 0; k--) {
    const [from, to] = pick(blocks);
    s += String.fromCodePoint(from + random(to - from + 1));
    if (random(4) === 0) s += ' ';
  }
  strings.push(s);
}
for (let i = 0; i < 120; i++) { // long mixtures of letters without any cut
  let s = '';
  for (let k = 20 + random(200); k > 0; k--) s += pick(['a', 'e', 'i', 'r', 's', 't', 'n', 'l', 'ci', 'rc', 'le', 'é', 'ß', 'я']);
  strings.push(s);
}

/** Byte sequences, mostly broken UTF-8. */
const bytes = ['80', 'ff', 'c3', 'c328', 'e282', 'e28241', 'f09f98', 'f09f9841', 'c080', 'eda080', 'f4908080', 'fe', '61ff62', 'e282ac', 'f09f9880', 'c3a9', '41c3', 'edb080eda080', 'f0808080', 'e0809f', 'e28228a1', 'f8888080'].map((h) => Buffer.from(h, 'hex'));
for (let i = 0; i < 150; i++) {
  const source = Buffer.from(pick(strings.slice(0, 140)) + pick(words));
  const cut = source.subarray(random(3), Math.max(1, source.length - random(4)));
  const copy = Buffer.from(cut);
  if (copy.length) copy[random(copy.length)] = random(256);
  bytes.push(copy);
}
/** UTF-16 with halves of surrogate pairs. */
const halves = ['\ud800', '\udc00', 'a\ud83d', '\ud83db', '\ude00\ud83d', 'x\udfffy', '\ud83d\ud83d\ude00', '\ud800 \udc00', '  \udbff  ', 'e\ud800\u0301', '<image>\udc00<image>', '\ud83d\ude00\ude00'];

const whole = strings.filter((s) => s.isWellFormed());
export { whole as strings, bytes, halves };
