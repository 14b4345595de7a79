/** Builds beside the full one of the same round, and where the time of each went. */
import type { Table } from '../frame/report.ts';
import { figure, median, ratios, withSpread } from '../frame/statistics.ts';
import type { BuildTimes } from './timed-build.ts';

export interface Rebuilds {
  readonly what: string;
  /** A round each. */
  readonly times: readonly BuildTimes[];
  /** Of the same rounds. */
  readonly full: readonly BuildTimes[];
}

export function rebuildTable(rebuilds: readonly Rebuilds[]): Table {
  return {
    caption:
      'Seconds; median (least–most), and the total and the steps as a part of the full build of the same round.',
    columns: [
      ...['build', 'n', 'total', '× full', 'machine up', 'steps', '× steps of full'],
      ...['checks, clean, image', 'boot proof'],
    ],
    rows: rebuilds.map(row),
  };
}

function row({ what, times, full }: Rebuilds): readonly string[] {
  const all = (name: keyof BuildTimes, of = times) => of.map((each) => each[name]);
  const part = (name: keyof BuildTimes) => figure(median(all(name)));
  const beside = (name: keyof BuildTimes) => figure(median(ratios(all(name, full), all(name))));
  return [
    ...[what, String(times.length), withSpread(all('total')), beside('total')],
    ...[part('machine'), part('steps'), beside('steps'), part('image'), part('proof')],
  ];
}

/** What a reader of the ratio must know. */
export const rebuildNote =
  'What a build takes beside its steps is the same whatever is cached: the machine that it is built on boots, and so ' +
  'does that of the boot proof. So how much of the total a rebuild saves is a matter of how long the unchanged steps ' +
  'took; the cache itself is seen in the columns of the steps.';
