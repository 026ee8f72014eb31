// Writes src/FlamingoGpu.Models/Tokenization/unicode-normalization.txt from what this Node's String.prototype.normalize
// does to every code point. Needed because the product runs with invariant globalization, where string.Normalize of
// .NET returns its input unchanged. Run: node make-unicode-table.mjs OUTPUT
import { writeFileSync } from 'node:fs';

const cps = [];
for (let c = 0; c <= 0x10ffff; c++) if (c < 0xd800 || c > 0xdfff) cps.push(c);
const chr = String.fromCodePoint;
const points = (s) => [...s].map((x) => x.codePointAt(0));
const hex = (list) => list.map((x) => x.toString(16)).join(' ');
const isHangul = (c) => c >= 0xac00 && c <= 0xd7a3;

// Canonical combining classes, found by their only visible effect: which of two marks moves in front of the other.
// Single decomposing marks (U+0344 and the like) have no class of their own here.
const swaps = (a, b) => {
  const n = points(('a' + chr(a) + chr(b)).normalize('NFD'));
  return n[1] === b && n[2] === a && a !== b;
};
const LOWEST = 0x334, HIGHEST = 0x345; // classes 1 and 240, the two ends
const marks = cps.filter((c) => chr(c).normalize('NFD') === chr(c) && (c === HIGHEST || swaps(c, LOWEST) || swaps(HIGHEST, c)));
const classes = []; // sorted; each a list of marks that never swap with each other
for (const m of marks) {
  let at = 0;
  while (at < classes.length && swaps(m, classes[at][0])) at++;
  if (at < classes.length && !swaps(classes[at][0], m)) classes[at].push(m);
  else classes.splice(at, 0, [m]);
}

const pairs = [], canonical = [], compatible = [];
for (const c of cps) {
  if (isHangul(c)) continue;
  const s = chr(c), nfd = s.normalize('NFD'), nfkd = s.normalize('NFKD');
  if (nfd !== s) {
    const full = points(nfd);
    const head = points(chr(...full.slice(0, -1)).normalize('NFC'));
    const composes = s.normalize('NFC') === s;
    if (composes && head.length !== 1) throw new Error(`no pair for ${c.toString(16)}`);
    if (composes) pairs.push([c, head[0], full.at(-1)]);
    else canonical.push([c, full]);
  }
  if (nfkd !== nfd) compatible.push([c, points(nfkd)]);
}

const ranges = (list) => {
  const out = [];
  for (const c of list) {
    const last = out.at(-1);
    if (last && last[1] + 1 === c) last[1] = c;
    else out.push([c, c]);
  }
  return out.map(([a, b]) => (a === b ? a.toString(16) : `${a.toString(16)}-${b.toString(16)}`)).join(' ');
};
const lines = [
  `# Unicode ${process.versions.unicode} normalization, without Hangul syllables (they are arithmetic). Made by`,
  '# tests/golden/tokenizer/make-unicode-table.mjs; do not edit. Numbers are hexadecimal code points.',
  '# m: marks of one combining class, classes in ascending order. p: composite first second.',
  '# c: canonical decomposition of what never composes back. k: compatibility decomposition. Both are complete.',
  ...classes.map((list) => `m ${ranges(list)}`),
  ...pairs.map((p) => `p ${hex(p)}`),
  ...canonical.map(([c, full]) => `c ${hex([c, ...full])}`),
  ...compatible.map(([c, full]) => `k ${hex([c, ...full])}`),
];
writeFileSync(process.argv[2], lines.join('\n') + '\n');
console.log(`${marks.length} marks in ${classes.length} classes, ${pairs.length} pairs, ${canonical.length} + ${compatible.length} decompositions`);
