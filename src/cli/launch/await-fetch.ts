/** Has the server fetch what a catalogue brings, and waits for it. */
import { setTimeout as delay } from 'node:timers/promises';
import { apiClient, replied } from '../api-client.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Stages } from '../stages.ts';

export interface FetchQuestion {
  /** CATALOGUE/TEMPLATE[@VERSION] */
  readonly name: string;
  readonly target: string;
  readonly region: string;
  readonly architecture: 'x86_64' | 'arm64';
}

const lookEveryMs = 500;

/** Throws where it fails: what was published and what came must be the same, to the byte. */
export async function awaitFetch(context: Context, question: FetchQuestion, stages: Stages) {
  const { fetches } = apiClient(context);
  const [name = '', version] = question.name.split('@');
  const json = { ...question, name, ...(version === undefined ? {} : { version }) };
  return await stages.run(
    `Fetching ${question.name}`,
    async () => {
      let fetched = await replied(fetches.$post({ json }), context.url);
      const param = { fetch_id: fetched.fetch_id };
      while (fetched.status === 'in_progress') {
        await delay(lookEveryMs);
        fetched = await replied(fetches[':fetch_id'].$get({ param }), context.url);
      }
      if (fetched.ami_id !== null) return { entry: fetched.entry, imageId: fetched.ami_id };
      throw new CliError(`${question.name} could not be fetched: ${fetched.error}`);
    },
    ({ imageId }) => imageId,
  );
}
