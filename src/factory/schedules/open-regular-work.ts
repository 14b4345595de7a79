/** What a home's factory does by itself, as long as its server runs. */
import { type Repetition, repeat } from '../../platform/repeat.ts';
import type { Factory } from '../factory.ts';
import { deliverer } from '../notifications/deliver.ts';
import { openOutbox } from '../notifications/open-outbox.ts';
import { forgetOldNotices } from '../notifications/outbox.ts';
import { startDueRebuilds } from '../rebuilds/start-due-rebuilds.ts';
import { cleanUpEverywhere } from '../retention/clean-up-everywhere.ts';
import { runDue, type ScheduledWork } from './run-due.ts';

const lookEveryMs = 30_000;
const dayMs = 86_400_000;

export async function openRegularWork(factory: Factory): Promise<Repetition> {
  const { db, now, log, receivers, directories } = factory;
  const { secrets } = directories;
  const deliver = deliverer({ secrets, now });
  const outbox = await openOutbox({ db, now, log, receivers, deliver, secrets });
  const schedule = repeat({
    everyMs: lookEveryMs,
    work: (signal) => runDue({ db, now, log, work: regularWork(factory) }, signal),
    onError: (error) => log.error({ err: error }, 'Scheduled work could not be looked at'),
  });
  return {
    close: async () => {
      await Promise.all([outbox.close(), schedule.close()]);
    },
  };
}

function regularWork(factory: Factory): readonly ScheduledWork[] {
  const { retention, rebuilds } = factory;
  const work: ScheduledWork[] = [{ name: 'notices', everyMs: dayMs, run: () => forgetOldNotices(factory) }];
  const { everyMs } = retention;
  if (everyMs !== undefined) work.push({ name: 'cleanup', everyMs, run: () => cleanUpEverywhere(factory) });
  if (rebuilds.policies.length > 0) {
    const run = async () => void (await startDueRebuilds(factory));
    work.push({ name: 'rebuilds', everyMs: rebuilds.checkEveryMs, run });
  }
  return work;
}
