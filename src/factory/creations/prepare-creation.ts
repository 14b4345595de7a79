/** From what somebody asks for to a creation's input: everything that can be wrong is refused here, before anything is made. */
import { imageNameOf } from '../builds/image-name.ts';
import { refuseTakenNames } from '../builds/start-build.ts';
import { checkBudget } from '../costs/budgets.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { Target } from '../targets/target.ts';
import { timeVersion } from '../versions/default-version.ts';
import { captureFor } from './capture-for.ts';
import type { CreationRequest } from './creation.ts';
import type { CreationInput } from './creation-input.ts';
import { creationWarnings } from './creation-warnings.ts';
import { nextVersion, refuseTakenVersion } from './next-version.ts';
import { readInstance } from './source-instance.ts';
import { templateForCreation } from './template-for-creation.ts';

export async function prepareCreation(factory: Factory, request: CreationRequest): Promise<CreationInput> {
  const target = await factory.targets.get(request.target);
  const { region } = request;
  const copyTo = [...new Set(request.copyToRegions)].filter((each) => each !== region);
  for (const each of [region, ...copyTo]) checkRegion(target, each);
  checkTags(request.tags);
  const capture = captureFor(request, target);
  const share = { accounts: request.shareWith, public: request.public };
  const ec2 = await target.client(region);
  const { source, architecture, instance } = await readInstance(
    ec2,
    request.instanceId,
    request.instanceName,
  );
  const now = factory.now();
  const slug = request.template ?? request.name;
  if (slug === undefined) throw new FactoryError('invalid', 'Give the image a name, or a template');
  const becomes =
    request.template === undefined || !request.register
      ? undefined
      : await templateForCreation(factory, request.template, request.kind);
  const places = { target: target.name, template: slug, architecture, regions: [region, ...copyTo] };
  const version =
    request.version ?? (becomes === undefined ? timeVersion(now) : await nextVersion(factory, places));
  if (becomes !== undefined) await refuseTakenVersion(factory, places, version);
  const imageName = request.name ?? imageNameOf({ slug, version, architecture, now });
  checkName(imageName);
  await refuseTakenNames(factory, { target: target.name, region, copyTo, imageName });
  return {
    kind: request.kind,
    target: target.name,
    region,
    architecture,
    version,
    template: becomes?.template ?? { slug, validations: [] },
    instance: source,
    capture,
    imageName,
    description: request.description ?? becomes?.known?.description ?? '',
    tags: request.tags,
    prove: request.prove,
    copyTo,
    share,
    ...(request.project === undefined ? {} : { project: request.project }),
    ...(becomes === undefined ? {} : { registered: becomes.registered }),
    warnings: [
      ...creationWarnings(target, instance, { capture, share }),
      ...(await budgetWarnings(factory, request, source.volumesGiB, [region, ...copyTo])),
    ],
    createdAt: now.toISOString(),
  };
}

function checkRegion(target: Target, region: string): void {
  if (target.regions.includes(region)) return;
  throw new FactoryError(
    'invalid',
    `The target ${target.name} has no region '${region}'; it has ${target.regions.join(', ')}`,
  );
}

/** EC2's rule. */
const nameForm = /^[A-Za-z0-9()[\] ./\-'@_]{3,128}$/;

function checkName(name: string): void {
  if (nameForm.test(name)) return;
  throw new FactoryError(
    'invalid',
    `'${name}' can't be an image's name: 3 to 128 letters, digits, spaces and ( ) [ ] . / - ' @ _`,
  );
}

function checkTags(tags: CreationRequest['tags']): void {
  const reserved = Object.keys(tags).find((key) => /^(aws|ingot):/i.test(key));
  if (reserved === undefined) return;
  throw new FactoryError(
    'invalid',
    `The tag ${reserved} is not yours to set: aws: and ingot: tags are reserved`,
  );
}

/** By the disks' sizes: what the image stores is known only when it is there, and is less. */
async function budgetWarnings(
  factory: Factory,
  { project, target }: CreationRequest,
  volumesGiB: number,
  regions: readonly string[],
): Promise<readonly string[]> {
  if (project === undefined) return [];
  const prices = await factory.prices.of(target);
  const perMonth = regions.reduce((sum, region) => sum + volumesGiB * prices.storagePerGiBMonth(region), 0);
  const { state, message = '' } = await checkBudget(factory, project, perMonth);
  if (state === 'refused') throw new FactoryError('conflict', message);
  return state === 'warned' ? [message] : [];
}
