import { duration } from '../output.ts';
import type { BuildEvent } from './build-events.ts';

const width = 24;
const bytesPerGiB = 1024 ** 3;

export interface BytesDone {
  readonly percent: number;
  readonly bytes: number;
  readonly total: number;
}

/** Of an event of the type `progress`. */
export function bytesDone(event: BuildEvent): BytesDone {
  const number = (field: string) => Number(event[field] ?? 0);
  return { percent: Math.min(100, number('percent')), bytes: number('bytes'), total: number('total') };
}

/** `██████░░░░ 60%  3.0 of 5.0 GiB, 12.0 s left`: by the rate of the bytes so far. */
export function progressBar({ percent, bytes, total }: BytesDone, elapsedMs: number): string {
  const gib = (count: number) => (count / bytesPerGiB).toFixed(1);
  const isUnderWay = percent > 0 && percent < 100;
  const left = isUnderWay ? `, ${duration((elapsedMs * (100 - percent)) / percent)} left` : '';
  return `${bar(percent)} ${percent}%  ${gib(bytes)} of ${gib(total)} GiB${left}`;
}

export function bar(percent: number): string {
  const full = Math.round((width * percent) / 100);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
