import { randomBytes } from 'node:crypto';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { BuildInput } from './build.ts';
import { buildWorkflowName } from './build-workflow.ts';

/** Writes the build down and starts it; answers its id. */
export async function startBuild(
  factory: Factory,
  input: BuildInput,
  options: { readonly batchId?: string } = {},
): Promise<string> {
  await refuseTakenNames(factory, input);
  const id = newBuildId();
  await insertBuild(factory, id, input, options.batchId);
  await factory.workflows.start(buildWorkflowName, { id, input });
  return id;
}

/** The same under an id that was given before, for steps that may run again: what began already goes on. */
export async function startBuildAs(
  factory: Pick<Factory, 'db' | 'targets' | 'workflows'>,
  id: string,
  input: BuildInput,
): Promise<void> {
  const known = await factory.db.read
    .selectFrom('builds')
    .select('id')
    .where('id', '=', id)
    .executeTakeFirst();
  if (known === undefined) {
    await refuseTakenNames(factory, input);
    await insertBuild(factory, id, input);
  }
  await factory.workflows.start(buildWorkflowName, { id, input });
}

/** The row that a run of the same id gives its state to. */
export async function insertBuild(
  factory: Pick<Factory, 'db'>,
  id: string,
  input: BuildInput,
  batchId?: string,
): Promise<void> {
  const row = {
    id,
    batch_id: batchId ?? null,
    target: input.target,
    template: input.template.slug,
    version: input.version,
    region: input.region,
    architecture: input.architecture,
    template_digest: input.template.digest,
    image_name: input.imageName,
    created_at: input.createdAt,
  };
  await factory.db.write((tx) => tx.insertInto('builds').values(row).execute());
}

export function newBuildId(): string {
  return `build-${randomBytes(5).toString('hex')}`;
}

export interface NameClash {
  readonly region: string;
  readonly imageId: string;
}

/** In each region that will have the image: one own image of that name there is one too many. */
export async function nameClashes(
  factory: Pick<Factory, 'targets'>,
  { target: name, region, copyTo, imageName }: Pick<BuildInput, 'target' | 'region' | 'copyTo' | 'imageName'>,
): Promise<readonly NameClash[]> {
  const target = await factory.targets.get(name);
  const found = await Promise.all(
    [region, ...copyTo].map(async (each) => {
      const ec2 = await target.client(each);
      const filters = [{ Name: 'name', Values: [imageName] }];
      const { Images = [] } = await ec2.describeImages({ Owners: ['self'], Filters: filters });
      return Images.map((image) => ({ region: each, imageId: image.ImageId ?? '' }));
    }),
  );
  return found.flat();
}

export async function refuseTakenNames(
  factory: Pick<Factory, 'targets'>,
  input: Pick<BuildInput, 'target' | 'region' | 'copyTo' | 'imageName'>,
): Promise<void> {
  const clashes = await nameClashes(factory, input);
  if (clashes.length === 0) return;
  const where = clashes.map(({ region, imageId }) => `${imageId} in ${region}`).join(', ');
  throw new FactoryError('conflict', `The image name ${input.imageName} is taken by ${where}. Give another`);
}
