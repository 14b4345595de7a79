import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../platform/database/database.ts';
import { silentLog } from '../../platform/log.ts';
import { runDue, type ScheduledWork } from './run-due.ts';
import { createScheduleTables, type ScheduleTables } from './table.ts';

const signal = new AbortController().signal;
let db: Database<ScheduleTables>;
let nowMs: number;
let done: string[];

beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-schedules-'));
  db = await openDatabase<ScheduleTables>(join(directory, 'factory.db'), { a: { up: createScheduleTables } });
  [nowMs, done] = [Date.parse('2026-01-01T00:00:00Z'), []];
  return async () => {
    await db.close();
    await rm(directory, { recursive: true });
  };
});

const hourly = (name: string, run = async () => void done.push(name)): ScheduledWork => ({
  ...{ name, everyMs: 3_600_000, run },
});
const tick = (...work: ScheduledWork[]) =>
  runDue({ db, now: () => new Date(nowMs), log: silentLog, work }, signal);

test('work begins when its time has come, and once in it', async () => {
  await tick(hourly('clean'));
  expect(done).toEqual([]);
  nowMs += 3_600_000;
  await tick(hourly('clean'));
  await tick(hourly('clean'));
  expect(done).toEqual(['clean']);
});

test('work that fails holds up no other, and waits for its next time', async () => {
  const broken = hourly('broken', () => Promise.reject(new Error('no')));
  await tick(broken, hourly('clean'));
  nowMs += 3_600_000;
  await tick(broken, hourly('clean'));
  await tick(broken, hourly('clean'));
  expect(done).toEqual(['clean']);
});
