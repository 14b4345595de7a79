import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../platform/database/database.ts';
import { listDeployments } from '../deployments/find-deployment.ts';
import type { Factory } from '../factory.ts';
import { type FactorySchema, migrations } from '../schema.ts';
import { importJobs, type JobImport } from './import-jobs.ts';

let directory: string;
let db: Database<FactorySchema>;
let factory: Pick<Factory, 'db' | 'now' | 'targets'>;
let request: JobImport;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-jobs-'));
  db = await openDatabase<FactorySchema>(join(directory, 'factory.db'), migrations);
  const target = { name: 'aws', regions: ['us-east-1'] };
  factory = {
    db,
    now: () => new Date('2026-11-21T00:00:00Z'),
    targets: { get: async () => target } as unknown as Factory['targets'],
  };
  request = { file: join(directory, 'app.db'), target: 'aws', architecture: 'x86_64' };
  return async () => {
    await db.close();
    await rm(directory, { recursive: true });
  };
});

const columns = [
  'id integer primary key, job_name text, status text, deployment_type text, created_at datetime',
  'kamiwaza_branch text, kamiwaza_deployment_mode text, kamiwaza_ready boolean, kamiwaza_checked_at datetime',
  'kamiwaza_check_attempts integer, instance_id text, aws_region text, use_cached_ami boolean, ami_id text',
];
const imageColumns = [
  'created_ami_id text, ami_creation_status text, ami_created_at datetime, ami_creation_error text',
];

function jobs(all: readonly string[], ...rows: readonly Record<string, string | number | null>[]): void {
  const file = new DatabaseSync(request.file);
  file.exec(`create table jobs (${all.join(', ')})`);
  for (const row of rows) {
    const names = Object.keys(row);
    file
      .prepare(`insert into jobs (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`)
      .run(...Object.values(row));
  }
  file.close();
}

const ready = {
  ...{ id: 19, job_name: 'demo', status: 'success', deployment_type: 'kamiwaza' },
  ...{ created_at: '2026-01-21 17:00:00.000000', kamiwaza_branch: 'release/0.9.2' },
  ...{ kamiwaza_deployment_mode: 'full', kamiwaza_ready: 1, kamiwaza_checked_at: '2026-01-21 17:18:00' },
  ...{ kamiwaza_check_attempts: 36, instance_id: 'i-abc123', aws_region: 'us-west-2' },
};
const image = {
  ...{ created_ami_id: 'ami-0123456789abcdef0', ami_creation_status: 'completed' },
  ami_created_at: '2026-01-21 17:30:00',
};
const list = () => listDeployments({ db }, { all: true, limit: 10 });

test("a job's record becomes a deployment with its image, in its words", async () => {
  jobs([...columns, ...imageColumns], { ...ready, ...image });
  expect(await importJobs(factory, request)).toEqual({ imported: ['job-19'], known: [] });
  expect(await list()).toMatchObject([
    {
      ...{ id: 'job-19', jobName: 'demo', app: 'kamiwaza', version: 'v0.9.2', mode: 'full' },
      ...{ target: 'aws', region: 'us-west-2', status: 'ready', ready: true, checkAttempts: 36 },
      createdAt: '2026-01-21T17:00:00.000Z',
      image: {
        status: 'completed',
        imageId: 'ami-0123456789abcdef0',
        createdAt: '2026-01-21T17:30:00.000Z',
      },
    },
  ]);
});

test('importing again changes nothing', async () => {
  jobs([...columns, ...imageColumns], { ...ready, ...image });
  await importJobs(factory, request);
  expect(await importJobs(factory, request)).toEqual({ imported: [], known: ['job-19'] });
  expect(await list()).toHaveLength(1);
});

test('a file from before images were made has records without one', async () => {
  jobs(columns, ready);
  await importJobs(factory, request);
  const [deployment] = await list();
  expect(deployment?.image).toEqual({ attempts: 0 });
  expect(deployment?.status).toBe('ready');
});

test('what was under way there is not under way here', async () => {
  jobs([...columns, ...imageColumns], {
    id: 1,
    job_name: 'half',
    status: 'running',
    ami_creation_status: 'creating',
  });
  await importJobs(factory, request);
  expect(await list()).toMatchObject([
    {
      ...{ region: 'us-east-1', status: 'failed', error: "It was 'running' when its record was imported" },
      image: { status: 'failed', error: "It was 'creating' when its record was imported" },
    },
  ]);
});

test('a file that is no such database is refused by its name', async () => {
  await writeFile(request.file, 'not a database, and long enough to be read as one: '.repeat(20));
  await expect(importJobs(factory, request)).rejects.toThrow(
    /app\.db can't be read as a job manager's database/,
  );
  await expect(importJobs(factory, { ...request, file: '/none.db' })).rejects.toThrow('/none.db');
});
