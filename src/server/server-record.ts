/** `server.json` in a home says where its server is reached; written when it is ready, removed when it ends. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfPresent, writeDurably } from '../platform/files.ts';

const recordSchema = z.strictObject({
  pid: z.int().positive(),
  url: z.url(),
  version: z.string(),
  startedAt: z.string(),
});

export type ServerRecord = z.infer<typeof recordSchema>;

export async function writeServerRecord(home: string, record: ServerRecord): Promise<void> {
  await writeDurably(fileOf(home), `${JSON.stringify(record, null, 2)}\n`);
}

export async function removeServerRecord(home: string): Promise<void> {
  await rm(fileOf(home), { force: true });
}

/** Of the server that runs now: a record whose process is gone was left by a crash and counts as none. */
export async function readServerRecord(home: string): Promise<ServerRecord | undefined> {
  const text = await readIfPresent(fileOf(home));
  if (text === undefined) return undefined;
  const record = recordSchema.parse(JSON.parse(text));
  return isAlive(record.pid) ? record : undefined;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function fileOf(home: string): string {
  return join(home, 'server.json');
}
