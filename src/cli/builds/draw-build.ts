/**
 * A build on the screen: a line a stage with its time. On a terminal the running stage counts up in place with the
 * last line of its output; elsewhere, or when asked, all output is printed as it comes.
 */
import { styleText } from 'node:util';
import { duration } from '../output.ts';
import type { BuildEvent } from './build-events.ts';
import { bytesDone, progressBar } from './progress-bar.ts';

export interface DrawOptions {
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly stream?: NodeJS.WriteStream;
}

export interface Drawing {
  show(event: BuildEvent): void;
  /** A line of talk between the stages. */
  note(text: string): void;
  end(): void;
}

interface Stage {
  readonly step: string;
  readonly title: string;
  readonly since: number;
  detail: string;
  live: string;
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameMs = 100;
const titleWidth = 34;
const keptLines = 20;

export function drawBuild({ quiet, verbose, stream = process.stderr }: DrawOptions): Drawing {
  const live = stream.isTTY === true && !quiet;
  const full = !live || verbose;
  let stage: Stage | undefined;
  let recent: string[] = [];
  let frame = 0;
  const write = (text: string) => {
    if (!quiet) stream.write(text);
  };
  const paint = (style: Parameters<typeof styleText>[0], text: string) => styleText(style, text, { stream });
  const erase = () => write(live ? '\r\x1b[K' : '');
  const line = (text: string) => {
    erase();
    write(`${text}\n`);
  };
  const draw = () => {
    if (stage === undefined) return;
    frame += 1;
    const mark = paint('cyan', frames[frame % frames.length] ?? '');
    const ms = performance.now() - stage.since;
    const text = `${mark} ${columns(stage.title, ms, stage.live || stage.detail)}`;
    // A terminal that doesn't know its width says 0.
    const invisible = 10;
    write(`\r\x1b[K${text.slice(0, (stream.columns || 80) + invisible - 1)}`);
  };
  const timer = live ? setInterval(draw, frameMs) : undefined;

  const finish = (mark: string, ms: number) => {
    if (stage !== undefined) line(`${mark} ${columns(stage.title, ms, stage.detail)}`);
    stage = undefined;
  };
  const output = (lines: readonly string[]) => {
    recent = [...recent, ...lines].slice(-keptLines);
    if (full) for (const each of lines) line(paint('dim', `    ${each}`));
    else if (stage !== undefined) stage.live = lines.findLast((each) => each.trim() !== '') ?? stage.live;
  };

  return {
    show(event) {
      const text = (field: string) => String(event[field] ?? '');
      switch (event.type) {
        case 'stage':
          recent = [];
          stage = {
            step: text('step'),
            title: text('title'),
            since: performance.now(),
            detail: '',
            live: '',
          };
          if (!live) line(`… ${stage.title}`);
          return;
        case 'output':
          return output(Array.isArray(event.lines) ? event.lines.map(String) : []);
        case 'detail':
          if (stage !== undefined) stage.detail = text('text');
          return;
        case 'waiting':
          if (stage !== undefined) stage.live = text('text');
          return;
        case 'progress':
          if (stage !== undefined)
            stage.live = progressBar(bytesDone(event), performance.now() - stage.since);
          return;
        case 'creation':
          return line(text('text'));
        case 'note':
          return line(`  ${text('text')}`);
        case 'check':
          if (event.status === 'passed') return line(`  ${paint('green', '✓')} ${text('name')}`);
          return line(`  ${paint('red', '✗')} ${text('name')}: ${text('error')}`);
        case 'step':
          if (event.step !== stage?.step) return;
          if (event.state === 'done') return finish(paint('green', '✓'), Number(event.ms));
          if (event.state !== 'failed') return;
          finish(paint('red', '✗'), Number(event.ms));
          if (!full) for (const each of recent) line(paint('dim', `    ${each}`));
          return line(paint('red', `  ${text('message')}`));
        case 'run':
          if (event.state === 'waiting') line('… Other builds run; this one waits for its turn');
          if (event.state === 'ending') line(paint('dim', '… Removing what was temporary'));
          return;
        default:
          return;
      }
    },
    note: line,
    end() {
      clearInterval(timer);
      erase();
    },
  };
}

function columns(title: string, ms: number, detail: string): string {
  return `${title.padEnd(titleWidth)} ${duration(ms).padStart(9)}${detail === '' ? '' : `   ${detail}`}`;
}
