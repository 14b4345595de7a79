/**
 * DescribeImages among 100, 1,000 and 10,000 images, beside moto, the usual mock of EC2, where this machine
 * has it. Both get the same requests, byte for byte but for host and page token.
 */
import { openLoad, type Rates } from './describe-images/load.ts';
import { startMoto } from './describe-images/moto.ts';
import { capturedRequests, type Question, questions } from './describe-images/questions.ts';
import { registerImages } from './describe-images/register-images.ts';
import { residentMiB, startOwnServer } from './frame/own-server.ts';
import type { Report } from './frame/report.ts';
import { runBench } from './frame/run-bench.ts';
import { figure, median, ratios, withSpread } from './frame/statistics.ts';

const connections = 4;

await runBench('describe-images', async (frame): Promise<Report> => {
  const counts = frame.quick ? [100] : [100, 1_000, 10_000];
  const rounds = frame.quick ? 1 : 3;
  const secondsEach = frame.quick ? 0.3 : 1;
  const server = await startOwnServer(frame);
  const idle = await residentMiB(server.pid);
  const rows: Row[] = [];
  for (const count of counts) {
    frame.say(`${count} images`);
    await registerImages(server.ec2, count);
    // Among more, the peer's part did not end in ten minutes.
    const moto = count > 1_000 ? undefined : await startMoto(count, server.context.region);
    try {
      const theirs = moto === undefined ? undefined : await capturedRequests(moto.ec2);
      const load = openLoad(connections);
      for (const question of questions) {
        const row: Row = { count, question, ours: [], theirs: [] };
        for (let round = 0; round < rounds; round++) {
          // Signed anew: a signature is good for five minutes, and the peer takes its time.
          const ours = await capturedRequests(server.ec2);
          row.ours.push(await load.run(ours[question.name], secondsEach));
          if (theirs !== undefined) row.theirs.push(await load.run(theirs[question.name], secondsEach));
        }
        rows.push(row);
      }
      load.close();
    } finally {
      await moto?.stop();
    }
  }
  const busy = await residentMiB(server.pid);
  return {
    title: 'DescribeImages',
    method: [
      ...questions.map(({ name, what }) => `*${name}*: ${what}`),
      `${connections} connections, one request at a time on each, ${rounds} rounds of ${secondsEach} s, in turn with the peer, which is not asked among 10,000: its part did not end in ten minutes. Requests were signed once by the official SDK and are sent again; Ingot verifies the signature of each, moto doesn’t.`,
      'The peer is `moto_server` 5 as it comes (pip install "moto[ec2,server]"; it is in no Debian package). Its images are made inside it. It has no pages for images: it answers with all.',
    ],
    tables: [
      {
        caption: 'Requests per second, median (least–most) of the rounds; milliseconds of one request.',
        columns: [
          'images',
          'question',
          'requests/s',
          'p50',
          'p99',
          'moto, requests/s',
          'moto, p99',
          'Ingot ÷ moto',
        ],
        rows: rows.map(shown),
      },
      {
        caption: 'Resident memory of the whole server, MiB.',
        columns: [
          'idle, just started',
          `after all of the above, ${figure(counts.at(-1) ?? 0)} images`,
          'its peak',
        ],
        rows: [[figure(idle.now), figure(busy.now), figure(busy.peak)]],
      },
    ],
    ...(rows.some(({ theirs }) => theirs.length > 0)
      ? {}
      : { notes: ['No peer was at hand: moto is not installed on this machine.'] }),
  };
});

interface Row {
  readonly count: number;
  readonly question: Question;
  readonly ours: Rates[];
  readonly theirs: Rates[];
}

function shown({ count, question, ours, theirs }: Row): readonly string[] {
  const rates = (all: readonly Rates[]) => all.map(({ perSecond }) => perSecond);
  const ms = (all: readonly Rates[], which: 'p50Ms' | 'p99Ms') =>
    figure(median(all.map((one) => one[which])));
  const peer =
    theirs.length === 0
      ? ['–', '–', '–']
      : [withSpread(rates(theirs)), ms(theirs, 'p99Ms'), withSpread(ratios(rates(theirs), rates(ours)), '×')];
  return [
    count.toLocaleString('en-US'),
    question.name,
    withSpread(rates(ours)),
    ms(ours, 'p50Ms'),
    ms(ours, 'p99Ms'),
    ...peer,
  ];
}
