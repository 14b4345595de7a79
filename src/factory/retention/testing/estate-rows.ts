/** What the home knows of an estate: rows of its database, and templates in its folder. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inBatches } from '../../aws/in-batches.ts';
import type { RetentionFactory } from './retention.ts';

type Row = Readonly<Record<string, unknown>>;

const tables = [
  'versions',
  'channels',
  'channel_moves',
  'publications',
  'deployments',
  'workflow_runs',
  'workflow_steps',
] as const;

export type EstateRows = Readonly<Record<(typeof tables)[number], Row[]>> & {
  readonly templates: { readonly slug: string; readonly text: string }[];
};

export function newRows(): EstateRows {
  return {
    ...{ versions: [], channels: [], channel_moves: [], publications: [], deployments: [] },
    ...{ workflow_runs: [], workflow_steps: [], templates: [] },
  };
}

export async function writeRows(
  { db, directories }: Pick<RetentionFactory, 'db' | 'directories'>,
  rows: EstateRows,
): Promise<void> {
  const versions = rows.versions.map((row, sequence) => ({
    ...{ snapshot_ids: '[]', validated: 1, size_gib: 1, origin: 'built', base_image_id: null },
    ...{ ...row, sequence },
  }));
  await db.write(async (tx) => {
    for (const table of tables) {
      for (const batch of inBatches(table === 'versions' ? versions : rows[table], 500)) {
        // Rows of a test: the database refuses what lacks a column.
        await tx
          .insertInto(table)
          .values(batch as never)
          .execute();
      }
    }
  });
  const [folder = ''] = directories.templates;
  await mkdir(folder, { recursive: true });
  for (const { slug, text } of rows.templates) {
    await writeFile(join(folder, `${slug}.yml`), `name: ${slug}\nsetup_script: 'true'\n${text}\n`);
  }
}
