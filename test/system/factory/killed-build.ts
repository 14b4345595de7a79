/** A build whose process is killed at a step of its own, and started again. */
import { expect } from 'vitest';
import { killPoints } from '../../../src/platform/workflows/testing/kill-points.ts';
import { type BuildBody, type FactoryRig, nothing } from './factory-rig.ts';

const template = (last: string) =>
  [
    'name: Sample',
    'description: A sample',
    'base_ami: {source: tiny, architecture: [x86_64]}',
    'steps:',
    '  - {name: one, run: echo 1}',
    `  - {name: two, run: ${last}}`,
    'validation_tests:',
    '  - {name: it works, command: check it, expected: fine}',
  ].join('\n');

/**
 * Kills it at this write of the factory's database, counted from the build's first. Afterwards the image is there,
 * proven and registered once, no step ran twice, and nothing else is left; of a build that fails, nothing at all.
 * False where the build has no such step.
 */
export async function killedBuild(
  rig: FactoryRig,
  step: number,
  { fails = false }: { readonly fails?: boolean } = {},
): Promise<boolean> {
  rig.guests.answer = () => ({ status: 0, stdout: 'fine\n' });
  rig.guests.ran.length = 0;
  const kill = killPoints();
  await rig.restart(kill);
  const file = await rig.template(template(fails ? 'exit 7' : 'echo 2'), `killed-${step}`);
  kill.arm(step);
  const begun = await rig.ask<BuildBody>('POST', '/builds', {
    template: file,
    version: `v${step}`,
    // A build that fails starts from a cached step, which it has to let go of too.
    cache: fails,
  });
  const id = begun.body.build_id ?? (await buildOf(rig, `killed-${step}`));
  if (id !== undefined) await restedOrStruck(rig, id, () => kill.struck);
  const isKilled = kill.struck;
  await rig.restart();
  if (id !== undefined) {
    const build = await rig.settled(id);
    expect(build).toMatchObject({ status: fails ? 'failed' : 'succeeded', left_over: [] });
    if (!fails) {
      expect(build.validation_results).toHaveLength(1);
      expect(rig.guests.ran).toEqual(['echo 1', 'echo 2']);
    }
  }
  expect(await rig.leftOvers()).toEqual(nothing);
  const { Images = [] } = await rig.ec2().describeImages({
    Owners: ['self'],
    Filters: [{ Name: 'tag:ingot:template', Values: [`killed-${step}`] }],
  });
  expect(Images).toHaveLength(id === undefined || fails ? 0 : 1);
  return isKilled;
}

async function buildOf(rig: FactoryRig, name: string): Promise<string | undefined> {
  const { body } = await rig.ask<{ builds: BuildBody[] }>('GET', `/builds?template=${name}`);
  return body.builds[0]?.build_id;
}

async function restedOrStruck(rig: FactoryRig, id: string, struck: () => boolean): Promise<void> {
  while (!struck()) {
    const { body } = await rig.ask<BuildBody>('GET', `/builds/${id}`);
    if (body.status !== 'running' && body.status !== 'ending') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
