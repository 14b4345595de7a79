import { expect, test } from 'vitest';
import { type Import, importsOf, shipped } from './tree.ts';

interface FolderRule {
  readonly may: readonly string[];
  readonly why: string;
}

/** Besides itself. A file may be named where the folder as a whole may not. */
const rules: Readonly<Record<string, FolderRule>> = {
  'src/platform': {
    may: [],
    why: 'everything stands on the platform, so it stands on nothing of ours',
  },
  'src/ec2': {
    may: ['src/platform'],
    why: 'the protocol knows no cloud: operations and keys come in as typed arguments',
  },
  'src/cloud': {
    may: [
      'src/ec2',
      'src/node/contract.ts',
      'src/node/block-contract.ts',
      'src/node/file-contract.ts',
      'src/node/vault-contract.ts',
      'src/vault/vault.ts',
      'src/platform',
    ],
    why: 'the cloud knows a machine only by its contract, so that a node can be elsewhere, or simulated',
  },
  'src/node': {
    may: ['src/vault/vault.ts', 'src/platform'],
    why: 'a node serves whoever asks, and knows no cloud',
  },
  'src/vault': { may: ['src/platform'], why: 'the vault keeps blocks, and knows neither machines nor EC2' },
  'src/factory': {
    may: ['src/platform'],
    why: 'the factory works on any EC2, AWS included, so it reaches ours only through the public API',
  },
  'src/api': {
    may: ['src/factory', 'src/platform'],
    why: 'the API is a door to the factory and to nothing else',
  },
  'src/cli': {
    may: ['src/server', 'src/api', 'src/platform', 'guest'],
    why: 'commands are clients of the APIs; they may start the server and read what it keeps in the home',
  },
  guest: { may: ['src/platform'], why: 'the recipes make disks for any cloud' },
};

const imports = [...shipped('src'), ...shipped('guest')].flatMap(importsOf);
const isOurs = ({ to }: Import) => to.startsWith('src/') || to.startsWith('guest/') || to.startsWith('test/');
const within = (path: string, place: string) => path === place || path.startsWith(`${place}/`);
const shown = ({ from, to }: Import) => `${from} imports ${to}`;

test.each(Object.entries(rules))('%s imports only what it may', (folder, { may, why }) => {
  const broken = imports
    .filter((each) => within(each.from, folder) && isOurs(each))
    .filter(({ to }) => ![folder, ...may].some((place) => within(to, place)));
  expect(broken.map(shown), `${folder} may import ${may.join(', ') || 'nothing of ours'}: ${why}`).toEqual(
    [],
  );
});

test('every folder of src has a rule', () => {
  const folders = new Set(shipped('src').map((file) => file.split('/').slice(0, 2).join('/')));
  const without = [...folders].filter((folder) => folder !== 'src/server' && !(folder in rules));
  expect(without, 'name what the folder may import, and why, in the table above').toEqual([]);
});

test('nobody imports the server but the commands that start it', () => {
  const broken = imports.filter(
    ({ from, to }) => within(to, 'src/server') && !/^src\/(server|cli)\//.test(from),
  );
  expect(broken.map(shown), 'parts come in as arguments from the composition root').toEqual([]);
});

test('the simulated node and test kits never ship', () => {
  const broken = imports.filter(
    ({ from, to }) =>
      /\/testing\/|^test\//.test(to) ||
      (to.startsWith('src/node/simulated/') && !from.startsWith('src/node/simulated/')),
  );
  expect(broken.map(shown), 'what pretends to be a machine must not be reachable from what serves').toEqual(
    [],
  );
});

const maySpawn = [
  'src/node/qemu/',
  'src/node/disks/',
  'guest/',
  'src/cli/build-base.ts',
  'src/cli/commands/aws.ts',
  'src/cli/server-process.ts',
  // Packed refs, worktrees, describe's search: git alone answers as git does.
  'src/factory/versions/git-description.ts',
  // A receiver of notices can be a program: its owner names it in the configuration.
  'src/factory/notifications/run-command.ts',
];

test('processes are started only by the node, the recipes, three commands that are about one, who asks git, and who tells a program', () => {
  const broken = imports.filter(
    ({ from, to }) => to === 'node:child_process' && !maySpawn.some((place) => from.startsWith(place)),
  );
  expect(broken.map(shown), 'who starts programs must be few enough to read').toEqual([]);
});

test('only the CLI and the factory load the AWS SDK; others take its types alone', () => {
  const broken = imports.filter(
    ({ from, to, typeOnly }) =>
      to.startsWith('@aws-sdk/client-ec2') && !typeOnly && !/^src\/(cli|factory)\//.test(from),
  );
  expect(broken.map(shown), 'it costs 90 MiB and half a second, which the server has no need of').toEqual([]);
});

test('the commands load the AWS SDK and ssh2 when they use them, not before', () => {
  const heavy = /^(@aws-sdk\/|ssh2$)/;
  const early = mainGraph('src/cli/main.ts').filter(({ to, typeOnly }) => heavy.test(to) && !typeOnly);
  expect(early.map(shown), '`ingot --help` must not wait for them').toEqual([]);
});

/** What a file loads before it runs: its static imports, and theirs. */
function mainGraph(entry: string): readonly Import[] {
  const byFile = Map.groupBy(imports, ({ from }) => from);
  const seen = new Set<string>();
  const loaded: Import[] = [];
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const each of byFile.get(file) ?? []) {
      if (each.typeOnly || each.lazy) continue;
      loaded.push(each);
      visit(each.to);
    }
  };
  visit(entry);
  return loaded;
}
