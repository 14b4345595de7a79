/** A rebuild whose process is killed at a step of its own or of its build, and started again. */
import { expect } from 'vitest';
import { killPoints } from '../../../src/platform/workflows/testing/kill-points.ts';
import { nothing } from './factory-rig.ts';
import type { RebuildRig } from './rebuild-rig.ts';

/**
 * Kills it at this write of the factory's database, counted from the look that begins it. Afterwards one version more
 * is there and stable, or, where its machine doesn't become ready, what was stable before still is; nothing else is
 * left. False where it has no such step.
 */
export async function killedRebuild(
  rig: RebuildRig,
  step: number,
  { fails = false }: { readonly fails?: boolean } = {},
): Promise<boolean> {
  rig.guests.answer = (command) => ({
    status: fails && command.includes('is-up') ? 1 : 0,
    stdout: 'as it is',
  });
  const stableBefore = await rig.stable();
  const versionsBefore = await versions(rig);
  const rebuildsBefore = (await rig.rebuilds()).length;
  const kill = killPoints();
  await rig.restart(kill);
  await rig.addBase(`2027${String(rebuildsBefore).padStart(4, '0')}`);
  kill.arm(step);
  await rig.check();
  while (!kill.struck && !(await allRest(rig))) await new Promise((resolve) => setTimeout(resolve, 20));
  const isKilled = kill.struck;
  await rig.restart();
  // Killed before it was written down, it is begun by the next look; else that look begins nothing.
  await rig.check();
  const rebuild = await rig.ended();
  expect(rebuild.status).toBe(fails ? 'failed' : 'succeeded');
  expect(await rig.rebuilds()).toHaveLength(rebuildsBefore + 1);
  expect(await versions(rig)).toEqual([rebuild.version, ...versionsBefore]);
  expect(await rig.stable()).toBe(fails ? stableBefore : rebuild.version);
  expect(await rig.leftOvers()).toEqual(nothing);
  return isKilled;
}

async function allRest(rig: RebuildRig): Promise<boolean> {
  const rebuilds = await rig.rebuilds();
  return rebuilds.every(({ status }) => !['running', 'ending'].includes(status));
}

/** The newest first. */
async function versions(rig: RebuildRig): Promise<readonly string[]> {
  const { body } = await rig.ask<{ versions: { version: string; created_at: string }[] }>(
    'GET',
    '/registry/versions?template=sample&limit=1000',
  );
  return body.versions
    .toSorted((a, b) => b.created_at.localeCompare(a.created_at))
    .map(({ version }) => version);
}
