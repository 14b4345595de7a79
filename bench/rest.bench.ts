/** The REST API among 100, 1,000 and 10,000 images of the account: how long a list and a status take. */
import { setTimeout as delay } from 'node:timers/promises';
import { apiClient, replied } from '../src/cli/api-client.ts';
import type { Context } from '../src/cli/context.ts';
import { openLoad, type Rates } from './describe-images/load.ts';
import { registerImages } from './describe-images/register-images.ts';
import { addTiny, bootMachine, residentMiB, startOwnServer, terminate } from './frame/own-server.ts';
import type { Report } from './frame/report.ts';
import { runBench } from './frame/run-bench.ts';
import { figure, median, withSpread } from './frame/statistics.ts';
import { type CreationIds, type Question, questions, restRequests } from './rest/questions.ts';

const connections = [1, 4];

await runBench('rest', async (frame): Promise<Report> => {
  const counts = frame.quick ? [100] : [100, 1_000, 10_000];
  const rounds = frame.quick ? 1 : 3;
  const secondsEach = frame.quick ? 0.3 : 2;
  const server = await startOwnServer(frame);
  await addTiny(server, frame);
  const machine = await bootMachine(server, frame, 'measured');
  const creation = await createdImage(server.context, machine.id);
  machine.ssh.end();
  await terminate(server, machine.id);
  const idle = await residentMiB(server.pid);
  const rows: Row[] = [];
  for (const count of counts) {
    frame.say(`${count} images`);
    await registerImages(server.ec2, count);
    const requests = await restRequests(server.context, creation);
    for (const { name: question } of questions) {
      for (const at of connections) {
        const load = openLoad(at);
        const row: Row = { count, question, connections: at, rates: [] };
        for (let round = 0; round < rounds; round++) {
          row.rates.push(await load.run(requests[question], secondsEach));
        }
        rows.push(row);
        load.close();
      }
    }
  }
  const busy = await residentMiB(server.pid);
  return {
    title: 'The REST API',
    method: [
      ...questions.map(({ name, what }) => `*${name}*: ${what}`),
      `${connections.join(' or ')} connections, one request at a time on each, ${rounds} rounds of ${secondsEach} s; median of the rounds’ p50 and p99. A list asks EC2 for images and snapshots in every region of the target, through the same server; pages after the first are of its reading. All images but one are in one region.`,
    ],
    tables: [
      {
        caption: 'Milliseconds of one request, and requests per second, median (least–most) of the rounds.',
        columns: ['images', 'question', 'connections', 'p50', 'p99', 'requests/s'],
        rows: rows.map(shown),
      },
      {
        caption: 'Resident memory of the whole server, MiB.',
        columns: ['before', `after, ${figure(counts.at(-1) ?? 0)} images`, 'its peak'],
        rows: [[figure(idle.now), figure(busy.now), figure(busy.peak)]],
      },
    ],
  };
});

interface Row {
  readonly count: number;
  readonly question: Question;
  readonly connections: number;
  readonly rates: Rates[];
}

function shown({ count, question, connections: at, rates }: Row): readonly string[] {
  const ms = (which: 'p50Ms' | 'p99Ms') => figure(median(rates.map((one) => one[which])));
  const perSecond = withSpread(rates.map((one) => one.perSecond));
  return [count.toLocaleString('en-US'), question, String(at), ms('p50Ms'), ms('p99Ms'), perSecond];
}

/** A creation whose status can be asked for. */
async function createdImage(context: Context, instanceId: string): Promise<CreationIds> {
  const { ami } = apiClient(context);
  const json = { instance_id: instanceId, name: 'measured-image', no_reboot: true, prove: false };
  const { creation_id: creationId } = await replied(ami.create.$post({ json }), context.url);
  for (;;) {
    const param = { creation_id: creationId };
    const status = await replied(ami.status[':creation_id'].$get({ param }), context.url);
    if (status.status === 'completed') return { creationId, imageId: status.ami_id ?? '' };
    if (status.status === 'failed') throw new Error(`The creation failed: ${status.message}`);
    await delay(200);
  }
}
