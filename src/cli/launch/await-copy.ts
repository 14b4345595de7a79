/** Starts a copy and waits for it, with what each region says. */
import { setTimeout as delay } from 'node:timers/promises';
import { apiClient, replied } from '../api-client.ts';
import type { Context } from '../context.ts';
import type { Stages } from '../stages.ts';

export interface CopyQuestion {
  readonly name: string;
  readonly target: string;
  readonly region: string;
  readonly from: string;
  readonly architecture?: 'x86_64' | 'arm64';
  readonly regions: string[];
}

const lookEveryMs = 500;

export async function awaitCopy(context: Context, json: CopyQuestion, stages: Stages) {
  const { ami } = apiClient(context);
  return await stages.run(
    `Copying to ${json.regions.join(', ')}`,
    async (stage) => {
      let copy = await replied(ami.copy.$post({ json }), context.url);
      const param = { copy_id: copy.copy_id };
      while (copy.status === 'in_progress') {
        const done = Object.values(copy.region_results).filter(({ status }) => status !== 'in_progress');
        stage.update(`${done.length} of ${Object.keys(copy.region_results).length} regions`);
        await delay(lookEveryMs);
        copy = await replied(ami.copy[':copy_id'].$get({ param }), context.url);
      }
      return copy;
    },
    (copy) => copy.status,
  );
}

export type CopyBody = Awaited<ReturnType<typeof awaitCopy>>;
