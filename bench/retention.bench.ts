/**
 * What deciding takes: which of many images go, with every kind of use among them, and the same asked of a server whose
 * images are real.
 */
import { cleanupPlan } from '../src/factory/retention/cleanup.ts';
import { estateRules, generateEstate } from '../src/factory/retention/testing/estate.ts';
import { estateTarget } from '../src/factory/retention/testing/estate-target.ts';
import { openTestRetention } from '../src/factory/retention/testing/retention.ts';
import type { Target } from '../src/factory/targets/target.ts';
import { registerImages } from './describe-images/register-images.ts';
import { type OwnServer, startOwnServer } from './frame/own-server.ts';
import type { Report } from './frame/report.ts';
import { type BenchFrame, runBench } from './frame/run-bench.ts';
import { median, withSpread } from './frame/statistics.ts';

const fleet = { managedBy: 'bench', versionKey: 'version', template: 'golden' };

await runBench('retention', async (frame): Promise<Report> => {
  const counts = frame.quick ? [200] : [500, 5000];
  const rounds = frame.quick ? 1 : 5;
  const decided: string[][] = [];
  for (const count of counts) {
    frame.say(`an estate of ${count} images`);
    decided.push(await decideEstate(count, rounds));
  }
  const server = await startOwnServer(frame, `retention: ${JSON.stringify({ fleets: [fleet] })}\n`);
  const asked: string[][] = [];
  for (const count of counts) {
    frame.say(`${count} images of a server`);
    await fillServer(server, count);
    asked.push(await askServer(server, frame, count, rounds));
  }
  return {
    title: 'Retention: which images go',
    method: [
      'The estate is generated: 50 versions of each template and architecture, 4 days apart; of those older than 90 days every second is in use, by an instance, a launch template, a channel, a pin, a child, a template, a catalogue, a build, the step cache, a deployment or another account in turn. The newest 3 and 90 days stay. EC2’s answers come from memory, all else is as in a server: the database, the templates’ files, the reading of references, the decision.',
      `The server’s images are real rows behind the EC2 API; \`POST /api/v1/ami/cleanup\` is asked for a dry run, once where all stay and once where half may go. ${rounds} rounds.`,
    ],
    tables: [
      {
        caption: 'Milliseconds of a whole plan of the generated estate, median (least–most).',
        columns: ['images', 'go', 'plan'],
        rows: decided,
      },
      {
        caption: 'Milliseconds of a dry run over HTTP, median (least–most).',
        columns: ['images', 'all stay', 'half may go', 'a further image that may go'],
        rows: asked,
      },
    ],
    notes: [
      'EC2 tells who an image is shared with for one image at a time: each that nobody else needs is a call of its own, and most of what a dry run takes where many go.',
    ],
  };
});

async function decideEstate(count: number, rounds: number): Promise<string[]> {
  const retention = await openTestRetention({} as Target, { deprecateDays: 0 });
  try {
    const target = estateTarget(await generateEstate(retention.factory, count));
    const factory = { ...retention.factory, targets: { get: async () => target } as never };
    const timesMs: number[] = [];
    let going = 0;
    for (let round = 0; round < rounds; round++) {
      const startedMs = performance.now();
      const { decisions } = await cleanupPlan(factory, { target: 'local', rules: estateRules });
      timesMs.push(performance.now() - startedMs);
      going = decisions.filter(({ fate }) => fate === 'go').length;
    }
    return [count.toLocaleString('en-US'), going.toLocaleString('en-US'), withSpread(timesMs)];
  } finally {
    await retention.close();
  }
}

async function fillServer({ ec2 }: OwnServer, count: number): Promise<void> {
  await registerImages(ec2, count);
  const { Images = [] } = await ec2.describeImages({ Owners: ['self'] });
  const ids = Images.map(({ ImageId = '' }) => ImageId);
  for (let from = 0; from < ids.length; from += 500) {
    const Tags = [{ Key: 'ManagedBy', Value: fleet.managedBy }];
    await ec2.createTags({ Resources: ids.slice(from, from + 500), Tags });
  }
}

async function askServer(
  { context }: OwnServer,
  frame: BenchFrame,
  count: number,
  rounds: number,
): Promise<string[]> {
  const dryRun = async (keepLatest: number): Promise<number> => {
    const startedMs = performance.now();
    const answer = await fetch(`${context.url}/api/v1/ami/cleanup`, {
      method: 'POST',
      headers: { authorization: `Bearer ${context.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ region: context.region, keep_latest: keepLatest, dry_run: true }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    const { images } = (await answer.json()) as { readonly images: readonly unknown[] };
    if (images.length !== count) throw new Error(`${images.length} images were weighed, not ${count}`);
    return performance.now() - startedMs;
  };
  const [stay, go]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    frame.say(`round ${round + 1}`);
    stay.push(await dryRun(count));
    go.push(await dryRun(count / 2));
  }
  const each = (median(go) - median(stay)) / (count / 2);
  return [count.toLocaleString('en-US'), withSpread(stay), withSpread(go), each.toFixed(2)];
}
