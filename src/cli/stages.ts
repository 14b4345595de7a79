/**
 * Stages of something long, one line each with its time. On a terminal the running stage counts up in place;
 * elsewhere a line appears when its stage is done.
 */
import { styleText } from 'node:util';
import { duration } from './output.ts';

export interface Stage {
  /** What is happening inside it now. */
  update(detail: string): void;
}

export interface StageRecord {
  readonly title: string;
  readonly ms: number;
}

export interface Stages {
  /** Runs the work as a stage. `describe` says on its line what came out. */
  run<T>(title: string, work: (stage: Stage) => Promise<T>, describe?: (result: T) => string): Promise<T>;
  /** What has run so far, in order. */
  readonly records: readonly StageRecord[];
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;
const titleWidth = 30;

export function createStages(
  options: { readonly quiet?: boolean; readonly stream?: NodeJS.WriteStream } = {},
): Stages {
  const stream = options.stream ?? process.stderr;
  const records: StageRecord[] = [];
  const write = (text: string) => {
    if (!options.quiet) stream.write(text);
  };
  return {
    records,
    async run(title, work, describe) {
      const startedMs = performance.now();
      const elapsed = () => performance.now() - startedMs;
      let detail = '';
      let frame = 0;
      const draw = () => {
        frame += 1;
        const mark = paint(stream, 'cyan', frames[frame % frames.length] ?? '');
        write(`\r\x1b[K${fitted(stream, `${mark} ${line(title, elapsed(), detail)}`)}`);
      };
      const timer = stream.isTTY && !options.quiet ? setInterval(draw, frameMs) : undefined;
      if (timer !== undefined) draw();
      const finish = (mark: string, text: string) => {
        clearInterval(timer);
        write(`${timer === undefined ? '' : '\r\x1b[K'}${mark} ${line(title, elapsed(), text)}\n`);
      };
      try {
        const result = await work({
          update: (text) => {
            detail = text;
          },
        });
        finish(paint(stream, 'green', '✓'), describe?.(result) ?? '');
        records.push({ title, ms: elapsed() });
        return result;
      } catch (error) {
        finish(paint(stream, 'red', '✗'), '');
        throw error;
      }
    },
  };
}

function line(title: string, ms: number, detail: string): string {
  return `${title.padEnd(titleWidth)} ${duration(ms).padStart(9)}${detail === '' ? '' : `   ${detail}`}`;
}

function fitted(stream: NodeJS.WriteStream, text: string): string {
  const invisible = 10;
  const width = (stream.columns ?? 80) + invisible - 1;
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

function paint(stream: NodeJS.WriteStream, style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream });
}
