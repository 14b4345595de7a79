import { isAtRest } from '../../platform/workflows/workflow.ts';
import { checksTold } from '../builds/checks-told.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { BootProof } from '../registry/version.ts';
import type { ImageTest, TestedRegion, TestPlace } from './image-test.ts';

type Context = Pick<Factory, 'db' | 'workflows'>;

export async function findImageTest(factory: Context, id: string): Promise<ImageTest> {
  const row = await factory.db.read
    .selectFrom('image_tests')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) throw new FactoryError('not-found', `There is no test '${id}'`);
  const places = JSON.parse(row.places) as readonly TestPlace[];
  const regions = await Promise.all(places.map((place) => testedRegion(factory, place)));
  return {
    ...{ id: row.id, name: row.name, target: row.target, createdAt: row.created_at },
    status: statusOf(regions),
    regions,
  };
}

/** When every region is done and its machine removed. */
export async function imageTestEnded(factory: Context, id: string): Promise<ImageTest> {
  const { regions } = await findImageTest(factory, id);
  const running = regions.filter(({ status }) => status === 'in_progress');
  await Promise.all(running.map(({ region }) => factory.workflows.settled(`${id}.${region}`)));
  return await findImageTest(factory, id);
}

function statusOf(regions: readonly TestedRegion[]): ImageTest['status'] {
  if (regions.some(({ status }) => status === 'in_progress')) return 'in_progress';
  return regions.every(({ status }) => status === 'passed') ? 'passed' : 'failed';
}

async function testedRegion({ workflows }: Context, place: TestPlace): Promise<TestedRegion> {
  const { region, runId, imageId, version, problem = 'the test was never begun' } = place;
  const run = runId === undefined ? undefined : await workflows.find(runId);
  if (run === undefined) return { region, status: 'missing', error: problem, checks: [], leftOver: [] };
  const proof = run.steps.find(({ name }) => name === 'proof')?.result as BootProof | undefined;
  const status = !isAtRest(run.state) ? 'in_progress' : run.state === 'succeeded' ? 'passed' : 'failed';
  return {
    ...{ region, status },
    ...(imageId === undefined ? {} : { imageId }),
    ...(version === undefined ? {} : { version }),
    ...(proof === undefined ? {} : { bootMs: proof.bootMs, sshMs: proof.sshMs }),
    checks: proof?.validations ?? (await checksTold(workflows.journals, run.id)),
    ...(run.failure === undefined ? {} : { error: run.failure.message }),
    leftOver: run.leftOver.map(({ message }) => message),
  };
}
