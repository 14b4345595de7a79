import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../platform/config.ts';
import { factorySettings } from './factory-settings.ts';

const dayMs = 86_400_000;

async function settingsOf(text: string) {
  const home = await mkdtemp(join(tmpdir(), 'ingot-settings-'));
  try {
    await writeFile(join(home, 'config.yaml'), text);
    return factorySettings(await loadConfig({ home }, {}));
  } finally {
    await rm(home, { recursive: true });
  }
}

test('what the configuration says of retention, rebuilds and receivers reaches the factory', async () => {
  const fleet = { managedBy: 'Deployer', versionKey: 'AppVersion', template: 'app' };
  const settings = await settingsOf(`
retention:
  everyHours: 24
  binDays: 3
  fleets: [${JSON.stringify(fleet)}]
  rules: { app: { keepLatest: 3, maxAgeDays: 90, unusedForDays: 30, budgetGiB: 50, budgetPerMonth: 5 } }
rebuilds: [{ template: web, everyDays: 30 }]
notifications:
  - { name: chat, url: https://chat.example/, events: [failed] }
  - { name: pager, command: [page, ''] }
`);
  expect(settings.retention).toEqual({
    ...{ everyMs: dayMs, deprecateDays: 7, binDays: 3, fleets: [fleet] },
    rules: {
      app: { keepLatest: 3, maxAgeMs: 90 * dayMs, unusedForMs: 30 * dayMs, budgetGiB: 50, budgetPerMonth: 5 },
    },
  });
  expect(settings.rebuilds).toEqual({
    checkEveryMs: 3_600_000,
    policies: [
      { template: 'web', target: 'local', onNewBase: true, everyMs: 30 * dayMs, promoteTo: 'stable' },
    ],
  });
  expect(settings.receivers).toEqual([
    { name: 'chat', url: 'https://chat.example/', events: ['failed'] },
    { name: 'pager', command: ['page', ''] },
  ]);
});

test.each([
  ['notifications: [{name: chat}]', 'must have a url or a command, and not both'],
  ['notifications: [{name: a, command: [x]}, {name: a, command: [y]}]', 'names a receiver twice'],
  ['rebuilds: [{template: web}, {template: web}]', 'names a template twice'],
  ['notifications: [{name: ../a, command: [x]}]', 'must be 1 to 63 lower-case letters'],
])('%s is refused', async (text, message) => {
  await expect(settingsOf(text)).rejects.toThrow(message);
});
