/**
 * An app deployed on Debian with its whole set-up, and from the image that the first such deployment left behind:
 * each from the request until its login page answers over HTTPS.
 */
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { apiClient, replied } from '../src/cli/api-client.ts';
import { addBase, hostArchitecture } from '../src/cli/bases.ts';
import type { Context } from '../src/cli/context.ts';
import { type DeploymentBody, showDeployment } from '../src/cli/deployments/show-deployment.ts';
import { startOwnServer } from './frame/own-server.ts';
import type { Report } from './frame/report.ts';
import { runBench } from './frame/run-bench.ts';
import { ratios, withSpread } from './frame/statistics.ts';

const app = join(import.meta.dirname, '..', 'templates', 'login-page.yml');

await runBench('deployments', async (frame): Promise<Report> => {
  const server = await startOwnServer(frame);
  await addBase(server.context, 'debian-12', hostArchitecture(), frame.say);
  const fresh: number[] = [];
  const golden: number[] = [];
  let imageSeconds = 0;
  for (let round = 0; round < (frame.quick ? 1 : 3); round++) {
    frame.say(`round ${round + 1}: the whole set-up`);
    const first = await deployed(server.context, true);
    fresh.push(first.readySeconds);
    if (round === 0) imageSeconds = first.imageSeconds;
    frame.say(`round ${round + 1}: from the image`);
    golden.push((await deployed(server.context, false)).readySeconds);
  }
  const shown = (what: string, seconds: readonly number[]) => [
    ...[what, String(seconds.length), withSpread(seconds), withSpread(ratios(fresh, seconds), '×')],
  ];
  return {
    title: 'A second deployment, from the image of the first',
    method: [
      '`templates/login-page.yml`, as it is: nginx and openssl are installed from Debian’s archive over this machine’s network, then a site, then a certificate that each machine makes for itself.',
      'From the request until the login page answers over HTTPS with what readiness asks for, looked at every 5 s. The machine boots Debian and runs cloud-init in both.',
      `The image was made once, from the first of them, while it ran: cleaned on a copy, booted for its proof, asked for its page; ${Math.round(imageSeconds)} s after the deployment was ready it was there.`,
    ],
    tables: [
      {
        caption: 'Seconds; median (least–most), and times the whole set-up of the same round.',
        columns: ['deployment', 'n', 'until ready', '× whole set-up'],
        rows: [shown('whole set-up', fresh), shown('from the image', golden)],
      },
    ],
  };
});

interface Deployed {
  readonly readySeconds: number;
  /** From ready until its image was there. */
  readonly imageSeconds: number;
}

/** Deploys it, waits for its image too, and deletes it. */
async function deployed(context: Context, fresh: boolean): Promise<Deployed> {
  const api = apiClient(context).deployments;
  const { id } = await replied(api.$post({ json: { app, version: 'v1', size: 'S', fresh } }), context.url);
  const ready = await until(context, id, ({ status }) => status !== 'deploying');
  const readyMs = performance.now();
  const { ready_seconds: readySeconds, use_cached_ami: isFromImage } = ready;
  if (ready.status !== 'ready' || readySeconds === null || isFromImage === fresh) {
    throw new Error(`${id} is ${ready.status}, from an image: ${isFromImage}: ${ready.error}`);
  }
  const { ami_creation_status: image, ami_creation_error: why } = await until(context, id, isDecided);
  if (image !== 'completed' && image !== 'skipped') throw new Error(`${id} left no image: ${why}`);
  const imageSeconds = (performance.now() - readyMs) / 1000;
  await replied(api[':deployment_id'].$delete({ param: { deployment_id: id } }), context.url);
  return { readySeconds, imageSeconds };
}

function isDecided({ ami_creation_status: image }: DeploymentBody): boolean {
  return image !== null && image !== 'pending' && image !== 'creating';
}

async function until(
  context: Context,
  id: string,
  is: (body: DeploymentBody) => boolean,
): Promise<DeploymentBody> {
  for (;;) {
    const body = await showDeployment(context, id);
    if (is(body)) return body;
    await delay(200);
  }
}
