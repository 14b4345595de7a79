/** What one attempt works on, decided once: it is stored with the attempt's run. */
import { findVersions } from '../../registry/find-versions.ts';
import { timeVersion } from '../../versions/default-version.ts';
import type { DeploymentInput } from '../deployment.ts';
import type { DeploymentParts } from '../parts.ts';
import type { GoldenInput } from './golden-input.ts';
import { goldenName } from './golden-name.ts';
import { imageKey } from './image-key.ts';
import type { ImageInput } from './image-workflow.ts';
import { reservationsOf } from './reservations.ts';

export async function attemptInput(
  parts: DeploymentParts,
  { deployment, deploymentId, instanceId, base, steps }: ImageInput,
  copyTo: readonly string[],
): Promise<GoldenInput> {
  const { template, setUpSteps, version, mode, goldenImage, target, region, architecture } = deployment;
  const now = parts.now();
  const { others } = await reservationsOf(parts, deployment, base);
  const copies = others.filter(({ region: each }) => copyTo.includes(each));
  const app = template.slug;
  // The copy of the machine has the disk that it needs.
  const { minDiskSizeGiB: _, ...rest } = template;
  return {
    deploymentId,
    instanceId,
    base,
    steps,
    template: { ...rest, steps: [] },
    app: {
      version,
      ...(mode === undefined ? {} : { mode }),
      hasFirstBoot: template.steps.length > setUpSteps,
      secrets: secretsOf(deployment),
    },
    keys: Object.fromEntries([
      [region, imageKey(deployment, base)],
      ...copies.map(({ region: each, key }) => [each, key]),
    ]),
    given: {},
    target,
    region,
    architecture,
    version: await freeVersion(parts, deployment, [region, ...copyTo], timeVersion(now)),
    imageName: goldenName(goldenImage?.name ?? '{app}-golden-{version}-{time}', { app, version, mode, now }),
    createdAt: now.toISOString(),
    onFailure: 'remove',
    cache: { use: false },
    copyTo,
    share: { accounts: [], public: false },
  };
}

function secretsOf({ template }: DeploymentInput): Readonly<Record<string, string>> {
  return Object.fromEntries(
    template.steps.flatMap(({ secrets }) => secrets.map(({ name, file }) => [name, file])),
  );
}

/** Two modes of a version, or one version set up in two ways, are two versions of the registry. */
async function freeVersion(
  { db }: Pick<DeploymentParts, 'db'>,
  { template, version, mode, target, architecture }: DeploymentInput,
  regions: readonly string[],
  time: string,
): Promise<string> {
  const wanted = mode === undefined ? version : `${version}-${mode}`;
  const taken = await findVersions(db.read, {
    template: template.slug,
    target,
    architecture,
    version: wanted,
  });
  return taken.some(({ region }) => regions.includes(region)) ? `${wanted}-${time}` : wanted;
}
