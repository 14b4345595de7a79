/** Tokens and an audit log in a folder of their own, for tests of routes without a server. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Access } from '../access/access.ts';
import { openRecords } from '../records.ts';

export interface TestAccess extends Access {
  close(): Promise<void>;
}

export async function openTestAccess(now: () => Date = () => new Date()): Promise<TestAccess> {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-api-'));
  const records = await openRecords(directory, now);
  return {
    records,
    homeToken: 'secret',
    now,
    close: async () => {
      await records.close();
      await rm(directory, { recursive: true });
    },
  };
}
