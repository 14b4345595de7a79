/**
 * The server of the home in argv[2], which kills itself at the step that its parent names: each write to the
 * database and each change on the node is a step before it is done and one after, and so is each point that the
 * node names within.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Schema } from '../../src/cloud/schema.ts';
import { faultsOf } from '../../src/cloud/testing/at-rest.ts';
import type { NodeContract } from '../../src/node/contract.ts';
import { loadConfig } from '../../src/platform/config.ts';
import { type Database, openDatabase } from '../../src/platform/database/database.ts';
import { createLog } from '../../src/platform/log.ts';
import { opening } from '../../src/server/closers.ts';
import { openServer } from '../../src/server/open-server.ts';
import { openOwnNode } from '../../src/server/reach-node.ts';

/** `after` alone is what differs on disk; with `before`, the moments that only memory knows are there too. */
export type Moment = 'before' | 'within' | 'after';

export type Question =
  | { readonly ask: 'arm'; readonly step: number; readonly moments: readonly Moment[] }
  | { readonly ask: 'disarm' }
  | { readonly ask: 'rest' };

/** What it says of itself: its own faults, and what it believes to be on disk. */
export interface Rest {
  readonly faults: readonly string[];
  readonly layerIds: readonly string[];
  readonly machineIds: readonly string[];
  readonly runningIds: readonly string[];
}

const changes: ReadonlySet<string> = new Set<keyof NodeContract>([
  'createLayer',
  'deleteLayers',
  'removeMachine',
  'setPorts',
  'snapshotVolumes',
  'startMachine',
  'stopMachine',
]);

/** Of the calls; what goes on beside them is killed by tests of its own. */
const points = /^(snapshot|snapshot-at-rest|start):/;

const [, , home = ''] = process.argv;
const config = await loadConfig({ home });
const log = createLog({ level: 'info', file: join(home, 'server.log') });

let left = Number.POSITIVE_INFINITY;
let counted: readonly Moment[] = [];
function reach(moment: Moment, what: string): void {
  if (!counted.includes(moment)) return;
  left -= 1;
  if (left > 0) return;
  writeFileSync(join(home, 'killed-at'), `${moment} ${what}`);
  process.kill(process.pid, 'SIGKILL');
}

async function watched<T>(what: string, work: () => Promise<T>): Promise<T> {
  reach('before', what);
  const result = await work();
  reach('after', what);
  return result;
}

const own = await opening(async (closers) => ({
  node: await openOwnNode(config, log, closers, {
    faults: (point) => {
      if (points.test(point)) reach('within', point);
    },
  }),
}));
const { node } = own;
const commands = Object.entries(node).map(([name, command]) => [
  name,
  changes.has(name)
    ? (request: unknown) => watched(name, () => (command as (given: unknown) => Promise<unknown>)(request))
    : command,
]);
let database: Database<Schema> | undefined;
const server = await openServer(config, {
  log,
  node: Object.fromEntries(commands) as typeof node,
  openDatabase: async (file, migrations) => {
    const db = await openDatabase<Schema>(file, migrations);
    database = db;
    return { ...db, write: (work) => watched('a write', () => db.write(work)) };
  },
});

process.on('message', (question: Question) => {
  void answer(question).then((said) => process.send?.(said));
});
process.on('disconnect', () => {
  void server
    .close()
    .then(() => own.close())
    .then(() => process.exit(0));
});
process.send?.({ url: server.url });

async function answer(question: Question): Promise<Rest | 'done'> {
  switch (question.ask) {
    case 'arm':
      counted = question.moments;
      left = question.step;
      return 'done';
    case 'disarm':
      counted = [];
      return 'done';
    case 'rest':
      return await rest();
    default:
      return question satisfies never;
  }
}

async function rest(): Promise<Rest> {
  if (database === undefined) throw new Error('the server opened no database');
  const machines = await node.listMachines();
  return {
    faults: await faultsOf(database.read, node),
    layerIds: (await node.listLayers()).map((layer) => layer.layerId),
    machineIds: machines.map((machine) => machine.instanceId),
    runningIds: machines.flatMap((one) => (one.state === 'running' ? one.instanceId : [])),
  };
}
