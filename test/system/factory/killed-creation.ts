/** A save whose process is killed at a step of its own, and started again. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { killPoints } from '../../../src/platform/workflows/testing/kill-points.ts';
import type { FactoryRig } from './factory-rig.ts';

interface CreationBody {
  readonly creation_id: string;
  readonly ami_id: string;
  readonly status: string;
  readonly left_over: readonly unknown[];
}

export interface SavedMachine {
  readonly id: string;
  /** What there is beside images: the machine itself, and what belongs to it. */
  readonly alone: Readonly<Record<string, readonly string[]>>;
}

/** A machine that runs, to be saved again and again. */
export async function runningMachine(rig: FactoryRig): Promise<SavedMachine> {
  const { Images: [base] = [] } = await rig.ec2().describeImages({ Owners: ['amazon'] });
  const { Instances: [instance] = [] } = await rig
    .ec2()
    .runInstances({ ImageId: base?.ImageId ?? '', MinCount: 1, MaxCount: 1 });
  const id = instance?.InstanceId ?? '';
  await expect.poll(() => stateOf(rig, id), { timeout: 60_000 }).toBe('running');
  return { id, alone: await rig.leftOvers() };
}

/**
 * Kills it at this write of the factory's database, counted from the save's first. Afterwards the machine runs, the
 * image is there once, proven and registered, with its template and its copy, and nothing else is left; of a save
 * that fails, nothing at all. False where the save has no such step.
 */
export async function killedCreation(
  rig: FactoryRig,
  { id: instanceId, alone }: SavedMachine,
  step: number,
  { fails = false }: { readonly fails?: boolean } = {},
): Promise<boolean> {
  const template = `${fails ? 'failed' : 'killed'}-${step}`;
  // A proof that nobody can log in to fails the save when its patience ends.
  rig.guests.closedAt = fails ? 'login' : undefined;
  const kill = killPoints();
  await rig.restart(kill);
  kill.arm(step);
  await rig.ask('POST', '/ami/save', {
    instances: [instanceId],
    template_name: template,
    consistency: 'stopped',
    copy_to_regions: ['eu-west-1'],
  });
  await restedOrStruck(rig, template, () => kill.struck);
  const isKilled = kill.struck;
  await rig.restart();
  const creation = await settled(rig, template);
  await expect.poll(() => stateOf(rig, instanceId), { timeout: 60_000 }).toBe('running');
  if (creation !== undefined) {
    expect(creation).toMatchObject({ status: fails ? 'failed' : 'completed', left_over: [] });
  }
  const isThere = creation !== undefined && !fails;
  expect(await rig.leftOvers()).toEqual(alone);
  for (const region of ['us-east-1', 'eu-west-1']) {
    const { Images = [] } = await rig.ec2(region).describeImages({
      Owners: ['self'],
      Filters: [{ Name: 'tag:ingot:template', Values: [template] }],
    });
    expect(Images).toHaveLength(isThere ? 1 : 0);
  }
  const { body } = await rig.ask<{ amis: { template_name: string }[] }>(
    'GET',
    `/ami/list?template=${template}`,
  );
  expect(body.amis).toHaveLength(isThere ? 2 : 0);
  const written = access(join(rig.home, 'templates', `${template}.yml`));
  await (isThere ? expect(written).resolves.toBeUndefined() : expect(written).rejects.toThrow('ENOENT'));
  return isKilled;
}

async function creationOf(rig: FactoryRig, template: string): Promise<CreationBody | undefined> {
  const { body } = await rig.ask<{ creations: CreationBody[] }>('GET', `/ami/creations?template=${template}`);
  return body.creations[0];
}

function isOver({ status }: CreationBody): boolean {
  return status === 'completed' || status === 'failed';
}

async function settled(rig: FactoryRig, template: string): Promise<CreationBody | undefined> {
  for (;;) {
    const creation = await creationOf(rig, template);
    if (creation === undefined || isOver(creation)) return creation;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function restedOrStruck(rig: FactoryRig, template: string, struck: () => boolean): Promise<void> {
  while (!struck()) {
    const creation = await creationOf(rig, template);
    if (creation !== undefined && isOver(creation)) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function stateOf(rig: FactoryRig, instanceId: string): Promise<string | undefined> {
  const { Reservations = [] } = await rig.ec2().describeInstances({ InstanceIds: [instanceId] });
  return Reservations[0]?.Instances?.[0]?.State?.Name;
}
