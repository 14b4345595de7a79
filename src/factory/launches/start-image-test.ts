import { randomBytes } from 'node:crypto';
import { regionOf } from '../builds/prepare-build.ts';
import { type ValidationInput, validationWorkflowName } from '../builds/validation-workflow.ts';
import type { Factory } from '../factory.ts';
import { findLaunchImage } from './find-launch-image.ts';
import type { ImageTestRequest, TestPlace } from './image-test.ts';
import type { LaunchAnswer } from './launch-answer.ts';
import { chosen } from './resolve-launch.ts';
import { templateNamed } from './ways/asker.ts';

/** One run a region. Throws where no region has the image. */
export async function startImageTest(factory: Factory, request: ImageTestRequest): Promise<string> {
  const id = `test-${randomBytes(5).toString('hex')}`;
  const { regions: given, ...question } = request;
  const target = await factory.targets.get(request.target);
  for (const each of given ?? []) regionOf(target, each);
  const regions = given ?? target.regions;
  const answers = await Promise.all(
    regions.map(async (region) => ({ region, ...(await answerIn(factory, { ...question, region })) })),
  );
  const [first] = answers;
  const found = answers.filter(isHere);
  if (found.length === 0 && first?.answer !== undefined) {
    chosen(first.answer, { ...question, region: first.region });
  }
  const places: TestPlace[] = [];
  for (const each of answers) {
    if (isHere(each)) places.push(await startIn(factory, request, id, each));
    else if (given !== undefined || each.problem !== undefined) {
      const problem = each.problem ?? `${each.region} has no image of ${request.name}`;
      places.push({ region: each.region, problem });
    }
  }
  const row = {
    ...{ id, name: request.name, target: target.name },
    ...{ places: JSON.stringify(places), created_at: factory.now().toISOString() },
  };
  await factory.db.write((tx) => tx.insertInto('image_tests').values(row).execute());
  return id;
}

interface Answered {
  readonly region: string;
  readonly answer?: LaunchAnswer;
  /** The region doesn't answer. */
  readonly problem?: string;
}

async function answerIn(
  factory: Factory,
  question: Parameters<typeof findLaunchImage>[1],
): Promise<Omit<Answered, 'region'>> {
  try {
    return { answer: await findLaunchImage(factory, question) };
  } catch (error) {
    if (!(error instanceof Error) || !('$fault' in error)) throw error;
    return { problem: `${error.name}: ${error.message}` };
  }
}

/** Another region's image is tested there. */
function isHere(
  each: Answered,
): each is Answered & { readonly answer: Extract<LaunchAnswer, { readonly outcome: 'image' }> } {
  return each.answer?.outcome === 'image' && each.answer.choice.region === each.region;
}

async function startIn(
  factory: Factory,
  { name, target, from }: ImageTestRequest,
  id: string,
  { region, answer }: Answered & { readonly answer: Extract<LaunchAnswer, { readonly outcome: 'image' }> },
): Promise<TestPlace> {
  const { imageId, architecture, template: slug, version } = answer.choice;
  const template = await templateNamed(factory, slug ?? name, from);
  const runId = `${id}.${region}`;
  const input: ValidationInput = {
    ...{ target, region, architecture, imageName: imageId, version: version ?? imageId },
    template: { slug: slug ?? name, validations: template?.validations ?? [] },
  };
  await factory.workflows.start(validationWorkflowName, { id: runId, input });
  return { region, runId, imageId, ...(version === undefined ? {} : { version }) };
}
