/** The difference of two versions, for people. */
import { duration, paint } from '../output.ts';
import { placeName } from './places.ts';

interface Side {
  readonly template: string;
  readonly version: string;
  readonly region: string;
  readonly architecture: string;
  readonly ami_id: string;
}

interface Change<T> {
  readonly from: T | null;
  readonly to: T | null;
}

interface Package {
  readonly name: string;
  readonly version: string;
}

interface Diff {
  readonly from: Side;
  readonly to: Side;
  readonly packages: {
    readonly added: readonly Package[];
    readonly removed: readonly Package[];
    readonly changed: readonly { readonly name: string; readonly from: string; readonly to: string }[];
    readonly unchanged: number;
  } | null;
  readonly size_gb: Change<number>;
  readonly boot_seconds: Change<number>;
  readonly ssh_seconds: Change<number>;
  readonly base: Change<string>;
  readonly template_changed: boolean | null;
  readonly steps: readonly {
    readonly name: string;
    readonly status: 'added' | 'removed' | 'changed' | 'same';
    readonly duration_seconds: Change<number>;
  }[];
  readonly checks: readonly ({ readonly name: string } & Change<string>)[];
}

export function diffLines(diff: Diff): readonly string[] {
  const time = (seconds: number) => duration(seconds * 1000);
  return [
    paint('red', `--- ${sideName(diff.from)}`),
    paint('green', `+++ ${sideName(diff.to)}`),
    ...section('Figures', [
      changeLine('size', diff.size_gb, (gb) => `${gb} GiB`),
      changeLine('boot', diff.boot_seconds, time),
      changeLine('SSH', diff.ssh_seconds, time),
      changeLine('base', diff.base, (base) => base),
      `template  ${diff.template_changed === null ? 'unknown' : diff.template_changed ? 'changed' : 'the same'}`,
    ]),
    ...section('Steps', diff.steps.map(stepLine)),
    ...section(
      'Checks',
      diff.checks.map(({ name, ...status }) => changeLine(name, status, (text) => text)),
    ),
    ...packageLines(diff.packages),
  ];
}

function packageLines(packages: Diff['packages']): readonly string[] {
  if (packages === null) return section('Packages', ['unknown: one of the two carries no list of packages']);
  const { added, removed, changed, unchanged } = packages;
  const counts = `${added.length} added, ${removed.length} removed, ${changed.length} changed, ${unchanged} the same`;
  return [
    '',
    paint('bold', `Packages: ${counts}`),
    ...removed.map(({ name, version }) => paint('red', `  - ${name} ${version}`)),
    ...added.map(({ name, version }) => paint('green', `  + ${name} ${version}`)),
    ...changed.map(({ name, from, to }) => `  ${paint('yellow', '~')} ${name} ${from} → ${to}`),
  ];
}

const marks = { added: '+', removed: '-', changed: '~', same: ' ' } as const;
const styles = { added: 'green', removed: 'red', changed: 'yellow', same: 'dim' } as const;

function stepLine({ name, status, duration_seconds: seconds }: Diff['steps'][number]): string {
  // A step taken from the cache took no time; what it takes is what it took.
  const time = seconds.to || seconds.from;
  const took = !time ? '' : `  ${duration(time * 1000)}`;
  return paint(styles[status], `${marks[status]} ${name}${took}`);
}

function changeLine<T>(title: string, { from, to }: Change<T>, words: (value: T) => string): string {
  const [before, after] = [from, to].map((value) => (value === null ? '-' : words(value)));
  return before === after ? `${title}  ${after}` : `${title}  ${before} → ${paint('bold', after ?? '')}`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', paint('bold', title), ...lines.map((line) => `  ${line}`)];
}

function sideName(side: Side): string {
  return `${side.template}@${side.version}  ${placeName(side)}  ${side.ami_id}`;
}
