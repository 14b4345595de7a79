/**
 * The README's picture: what `npm run demo` printed, as a terminal in an SVG. Lines appear after as long as their
 * stages took; where nothing moves, all of them are there.
 *   npm run --silent demo | node scripts/demo-picture.ts > docs/pictures/demo.svg
 */
import { text } from 'node:stream/consumers';
import { stripVTControlCharacters } from 'node:util';

const [lineHeight, charWidth, margin, header] = [20, 8.4, 24, 44];
/** So many seconds of the demo in one of the picture. */
const speed = 4;

const output = stripVTControlCharacters(await text(process.stdin));
const from = output.indexOf('\nA machine\n');
const to = output.indexOf('\nCleaning up\n');
if (from < 0 || to < 0) throw new Error('This is not what npm run demo prints when it succeeds');
const lines = ['$ npm run demo', ...output.slice(from, to).trimEnd().split('\n')];

const width = Math.ceil(Math.max(...lines.map((line) => line.length)) * charWidth + 2 * margin);
const height = lines.length * lineHeight + header + margin;
let elapsed = 0.5;
const shown = lines.map((line, index) => {
  elapsed += (secondsOf(line) + 0.1) / speed;
  const y = header + (index + 1) * lineHeight;
  const delay = `style="animation-delay:${elapsed.toFixed(2)}s"`;
  return line === '' ? '' : `<text x="${margin}" y="${y}" ${delay}>${painted(line)}</text>`;
});

process.stdout.write(`<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 ${width} ${height}" role="img" aria-label="npm run demo: a machine is launched, changed, imaged while it runs, and launched again from the image">
<style>
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace; fill: #d6deeb; white-space: pre }
.done { fill: #7fdbca } .title { fill: #ffffff; font-weight: bold } .time { fill: #ffcb8b } .dim { fill: #8893a7 }
@media (prefers-reduced-motion: no-preference) { text { opacity: 0; animation: appear .15s forwards } @keyframes appear { to { opacity: 1 } } }
</style>
<rect width="${width}" height="${height}" rx="10" fill="#0b1622"/>
<circle cx="26" cy="22" r="6" fill="#ff5f57"/><circle cx="46" cy="22" r="6" fill="#febc2e"/><circle cx="66" cy="22" r="6" fill="#28c840"/>
${shown.filter((line) => line !== '').join('\n')}
</svg>
`);

function secondsOf(line: string): number {
  const [, amount = '0', unit] = /^✓ .*?([\d.]+) (ms|s)(?: |$)/.exec(line) ?? [];
  return unit === 'ms' ? Number(amount) / 1000 : Number(amount);
}

function painted(line: string): string {
  const stage = /^(✓)( .*?)([\d.]+ m?s)(.*)$/.exec(line);
  if (stage !== null) {
    const [, mark = '', title = '', time = '', rest = ''] = stage;
    return `${span('done', mark)}${escaped(title)}${span('time', time)}${span('dim', rest)}`;
  }
  if (/^\S/.test(line)) return span('title', line);
  const row = /^(.*?)([\d.]+ m?s)$/.exec(line);
  return row === null ? span('dim', line) : `${escaped(row[1] ?? '')}${span('time', row[2] ?? '')}`;
}

function span(name: string, content: string): string {
  return `<tspan class="${name}">${escaped(content)}</tspan>`;
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
