/** A deployment whose process is killed at a step of its own or of its image, and started again. */
import { expect } from 'vitest';
import { killPoints } from '../../../src/platform/workflows/testing/kill-points.ts';
import { appYaml, type DeploymentBody, leftOver, ownImages, rested, shown } from './deployed.ts';
import type { FactoryRig } from './factory-rig.ts';

/**
 * Kills it at this write of the factory's database, counted from the deployment's first. Afterwards it is ready, its
 * set-up ran once, there is one image of it, and nothing else is left. False where it has no such step.
 */
export async function killedDeployment(rig: FactoryRig, step: number): Promise<boolean> {
  rig.guests.ran.length = 0;
  const kill = killPoints();
  await rig.restart(kill);
  const app = await rig.template(
    appYaml({ golden_image: '{delay: 0s, attempts: 2, regions: []}' }),
    `k${step}`,
  );
  kill.arm(step);
  await rig.ask('POST', '/deployments', { app, version: 'v1' });
  const id = await deploymentOf(rig, `k${step}`);
  if (id !== undefined) await restedOrStruck(rig, id, () => kill.struck);
  const isKilled = kill.struck;
  await rig.restart();
  const known = await deploymentOf(rig, `k${step}`);
  if (known !== undefined) {
    const deployed = await rested(rig, known);
    expect(deployed).toMatchObject({ status: 'ready', ready: true, ami_creation_status: 'completed' });
    expect(rig.guests.ran).toEqual(['echo $mode $size', 'echo first $token']);
    const images = await imagesOf(rig, `k${step}`);
    expect(images).toEqual([deployed.created_ami_id]);
    const again = await rig.ask<DeploymentBody>('POST', '/deployments', {
      app,
      version: 'v1',
      job_name: 'again',
    });
    expect(await rested(rig, again.body.id)).toMatchObject({
      use_cached_ami: true,
      ami_id: deployed.created_ami_id,
    });
    await rig.ask('DELETE', `/deployments/${again.body.id}`);
    await rig.ask('DELETE', `/deployments/${known}`);
  }
  expect(await leftOver(rig)).toEqual({ instances: [], keyPairs: [], securityGroups: [], snapshots: [] });
  expect(await imagesOf(rig, `k${step}`)).toHaveLength(known === undefined ? 0 : 1);
  return isKilled;
}

async function deploymentOf(rig: FactoryRig, app: string): Promise<string | undefined> {
  const { body } = await rig.ask<{ deployments: DeploymentBody[] }>(
    'GET',
    `/deployments?deployment_type=${app}`,
  );
  return body.deployments[0]?.id;
}

async function imagesOf(rig: FactoryRig, app: string): Promise<readonly (string | undefined)[]> {
  const images = await ownImages(rig);
  return images
    .filter(({ Tags = [] }) => Tags.some(({ Key, Value }) => Key === 'ingot:template' && Value === app))
    .map(({ ImageId }) => ImageId);
}

async function restedOrStruck(rig: FactoryRig, id: string, struck: () => boolean): Promise<void> {
  while (!struck()) {
    const { status, ami_creation_status: image } = await shown(rig, id);
    if (status !== 'deploying' && image !== null && image !== 'pending' && image !== 'creating') return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
