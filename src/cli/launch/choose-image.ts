/** Which image a launch takes; what isn't there and can be made or fetched is, before the machine. */
import { type BaseName, knownBases } from '../../../guest/base.ts';
import { apiClient, replied } from '../api-client.ts';
import { addBase, hostArchitecture } from '../bases.ts';
import type { Context } from '../context.ts';
import { CliError, exitCodes } from '../errors.ts';
import { paint, say } from '../output.ts';
import type { Stages } from '../stages.ts';

/** As the API takes it. */
export interface ImageQuestion {
  readonly name: string;
  readonly target: string;
  readonly region: string;
  readonly from: string;
  readonly architecture?: 'x86_64' | 'arm64';
  readonly size?: string;
}

export async function previewLaunch(context: Context, question: ImageQuestion, diskGiB?: number) {
  const disk = diskGiB === undefined ? {} : { disk_gb: String(diskGiB) };
  const request = apiClient(context).ami.preview.$get({ query: { ...question, ...disk } });
  return await replied(request, context.url);
}

export type Preview = Awaited<ReturnType<typeof previewLaunch>>;

/** Throws, in the words of the last place that was asked, where there is none and nothing makes one. */
export async function chooseImage(
  context: Context,
  question: ImageQuestion,
  stages: Stages,
  { build }: { readonly build: boolean },
): Promise<Preview> {
  const look = () =>
    stages.run(
      'Choosing the image',
      () => previewLaunch(context, question),
      ({ why, outcome }) => why ?? outcome,
    );
  const first = await look();
  const { name, architecture = hostArchitecture() } = question;
  if (first.outcome !== 'none' || !knownBases().includes(`${name}/${architecture}`)) return first;
  if (question.target !== 'local') return first;
  if (!build) {
    throw new CliError(`The base image ${name} is not built yet: a launch builds it first`, {
      exitCode: exitCodes.notFound,
    });
  }
  await stages.run(
    `Building the image ${name}`,
    (stage) => addBase(context, name as BaseName, architecture, stage.update),
    ({ base }) => base.imageName,
  );
  return await look();
}

/** Throws where there is no image to launch; says what one should know of the one that there is. */
export function requireImage({ name, target, region }: ImageQuestion, preview: Preview): void {
  for (const warning of preview.warnings) say(`${paint('yellow', '!')} ${warning}`);
  const where = target === 'local' ? region : `${region} of ${target}`;
  switch (preview.outcome) {
    case 'image':
    case 'fetch':
      return;
    case 'revoked': {
      const way = preview.replacement === null ? '' : `. Launch ${preview.replacement} in its place`;
      throw new CliError(`${name} is revoked (${preview.ami_id}): ${preview.reason}${way}`);
    }
    case 'build':
      throw new CliError(
        `The template ${preview.template} has no image in ${where}: ingot ami build ${preview.template} makes one`,
        { exitCode: exitCodes.notFound },
      );
    case 'none':
      throw new CliError(
        `Nothing in ${where} goes by '${name}'. ingot image list and ingot template list show what there is; ` +
          'ingot image base add makes a base image',
        { exitCode: exitCodes.notFound },
      );
  }
}
