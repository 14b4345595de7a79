/** What a launch would do: the image and why, the machine, what it costs. Launching takes it; a preview shows it. */
import type { EC2 } from '@aws-sdk/client-ec2';
import type { Architecture } from '../../platform/ids.ts';
import { priceTable } from '../costs/prices.ts';
import type { Factory } from '../factory.ts';
import { FactoryError } from '../factory-error.ts';
import type { Target } from '../targets/target.ts';
import type { Template } from '../templates/template.ts';
import { findLaunchImage } from './find-launch-image.ts';
import type { LaunchAnswer, LaunchChoice, LaunchQuestion } from './launch-answer.ts';
import { instanceType } from './sizes.ts';
import { templateNamed } from './ways/asker.ts';

export interface LaunchRequest extends LaunchQuestion {
  /** A letter or an instance type; the template's own, else the smallest, unless told. */
  readonly size?: string | undefined;
  readonly diskGiB?: number | undefined;
  /** Beside 22 and those of the template. */
  readonly ports: readonly number[];
  /** Who reaches the ports: '0.0.0.0/0'. */
  readonly source: string;
  /** Of its first boot; the template's unless told. */
  readonly userData?: Buffer | undefined;
}

export interface LaunchPlan {
  readonly answer: LaunchAnswer;
  /** Of what the image is for; of what was asked for where there is no image. */
  readonly instanceType: string;
  readonly diskGiB?: number;
  /** All that will be opened. */
  readonly ports: readonly number[];
  readonly userData?: Buffer;
  /** US dollars; undefined where no table has the type. */
  readonly pricePerHour?: number;
  /** False where nobody asks for it: it is what AWS would. */
  readonly billed: boolean;
  /** Where the prices are from. */
  readonly prices: string;
}

export async function planLaunch(factory: Factory, request: LaunchRequest): Promise<LaunchPlan> {
  const answer = await findLaunchImage(factory, request);
  const target = await factory.targets.get(request.target);
  const choice = answer.outcome === 'image' ? answer.choice : undefined;
  const template = await templateNamed(factory, choice?.template ?? request.name, request.from);
  const type = typeOf(target, request, choice?.architecture ?? answer.architecture, template);
  await checkOffered(await target.client(request.region), type, request);
  const prices = await priceTable(factory, request.target);
  const pricePerHour = prices.instancePerHour(type, request.region);
  const script = template?.amiConfig.userDataScript;
  const userData = request.userData ?? (script === undefined ? undefined : Buffer.from(script));
  const diskGiB = checkedDisk(request.diskGiB, choice);
  return {
    answer,
    instanceType: type,
    ports: [...new Set([22, ...(template?.ports ?? []), ...request.ports])].sort((a, b) => a - b),
    ...(diskGiB === undefined ? {} : { diskGiB }),
    ...(userData === undefined ? {} : { userData }),
    ...(pricePerHour === undefined ? {} : { pricePerHour }),
    billed: prices.billed,
    prices: prices.source,
  };
}

function typeOf(
  target: Target,
  { size, region }: LaunchRequest,
  architecture: Architecture,
  template: Template | undefined,
): string {
  const own = template?.amiConfig.instanceTypes?.[region]?.[architecture];
  return instanceType(target, size ?? own ?? 'S', architecture);
}

/** Undefined for the image's own. */
function checkedDisk(given: number | undefined, choice: LaunchChoice | undefined): number | undefined {
  if (given === undefined || choice === undefined || given >= choice.rootGiB) return given;
  throw new FactoryError(
    'invalid',
    `A disk of ${given} GiB is too small for ${choice.imageId}: its root has ${choice.rootGiB} GiB`,
  );
}

/** Regions differ in what they have. */
async function checkOffered(ec2: EC2, type: string, { target, region }: LaunchQuestion): Promise<void> {
  const { InstanceTypeOfferings: [offer] = [] } = await ec2.describeInstanceTypeOfferings({
    Filters: [{ Name: 'instance-type', Values: [type] }],
  });
  if (offer !== undefined) return;
  throw new FactoryError(
    'invalid',
    `${region} of the target ${target} offers no ${type}. ` +
      'aws ec2 describe-instance-type-offerings lists what it has; another --size or --region may do',
  );
}
