/** Creations as people see them: by id, or by the image that came of it. */
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { Creation } from './creation.ts';
import { remainingMs, usualTimes } from './remaining.ts';
import { shownCreation } from './shown-creation.ts';
import type { CreationTable } from './table.ts';

type Context = Pick<Factory, 'db' | 'workflows' | 'now'>;

/** `id`: a creation's, or that of its image or of one of its copies. */
export async function findCreation(factory: Context, id: string): Promise<Creation> {
  const row = await factory.db.read
    .selectFrom('creations')
    .selectAll()
    .where('retry_of', 'is', null)
    .where((where) =>
      where.or([
        where('id', '=', id),
        where('image_id', '=', id),
        where('id', 'in', where.selectFrom('versions').select('build_id').where('image_id', '=', id)),
      ]),
    )
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  const creation = row === undefined ? undefined : await readCreation(factory, row);
  if (creation !== undefined) return creation;
  throw new FactoryError(
    'not-found',
    `There is no creation '${id}', and none that made an image of that id; ingot ami list shows the images that there are`,
  );
}

/** The run that its events are of: the last try to make its copies, or its own. */
export async function creationRun(factory: Context, id: string): Promise<string> {
  const creation = await findCreation(factory, id);
  const last = await factory.db.read
    .selectFrom('creations')
    .select('id')
    .where('retry_of', '=', creation.id)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  return last?.id ?? creation.id;
}

/** Waits until it is over. */
export async function creationEnded(factory: Context, id: string): Promise<Creation> {
  await factory.workflows.settled(id);
  return await findCreation(factory, id);
}

export interface CreationChoice {
  readonly batchId?: string | undefined;
  readonly template?: string | undefined;
  readonly limit: number;
}

/** Newest first. */
export async function listCreations(
  factory: Context,
  { batchId, template, limit }: CreationChoice,
): Promise<readonly Creation[]> {
  let query = factory.db.read.selectFrom('creations').selectAll().where('retry_of', 'is', null);
  if (batchId !== undefined) query = query.where('batch_id', '=', batchId);
  if (template !== undefined) query = query.where('template', '=', template);
  const rows = await query.orderBy('created_at', 'desc').orderBy('id').limit(limit).execute();
  return (await Promise.all(rows.map((row) => readCreation(factory, row)))).filter(
    (creation) => creation !== undefined,
  );
}

async function readCreation(factory: Context, row: CreationTable): Promise<Creation | undefined> {
  const run = await factory.workflows.find(row.id);
  // Written down, and not yet begun when the process ended.
  if (run === undefined) return undefined;
  const retried = await factory.db.read
    .selectFrom('creations')
    .select('id')
    .where('retry_of', '=', row.id)
    .orderBy('created_at')
    .execute();
  const retries = await Promise.all(retried.map(({ id }) => factory.workflows.find(id)));
  const events = run.endedAt === undefined ? await factory.workflows.journals.read(row.id) : [];
  const progress = events.findLast(({ event }) => event.type === 'progress')?.event;
  const percent = typeof progress?.percent === 'number' ? progress.percent : undefined;
  const now = factory.now();
  return shownCreation({
    row,
    run,
    retries: retries.filter((retry) => retry !== undefined),
    percent,
    remainingMs:
      run.endedAt === undefined
        ? remainingMs(run, await usualTimes(factory, row), { percent, now })
        : undefined,
    now,
  });
}
