/** EnableImageDeprecation, DisableImageDeprecation, and when a public image is deprecated by itself. */
import type {
  DisableImageDeprecationRequest,
  DisableImageDeprecationResult,
  EnableImageDeprecationRequest,
  EnableImageDeprecationResult,
} from '@aws-sdk/client-ec2';
import { endDryRun } from '../../ec2/dry-run.ts';
import { Ec2Fault } from '../../ec2/faults.ts';
import { invalidParameterValue, missingParameter } from '../../ec2/request-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { Cloud } from '../cloud.ts';
import { readOwnImage } from './find-image.ts';
import type { ImageRow } from './record.ts';

const minuteMs = 60_000;

export async function enableImageDeprecation(
  cloud: Cloud,
  input: EnableImageDeprecationRequest,
  caller: Caller,
): Promise<EnableImageDeprecationResult> {
  const { DeprecateAt: deprecateAt } = input;
  if (deprecateAt === undefined) throw missingParameter('DeprecateAt');
  checkedTime(await deprecated(cloud.db.read, caller, input.ImageId), deprecateAt, cloud.now());
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const image = await deprecated(tx, caller, input.ImageId);
    await tx
      .updateTable('images')
      .set({ deprecation_time: checkedTime(image, deprecateAt, cloud.now()) })
      .where('image_id', '=', image.image_id)
      .execute();
  });
  return { Return: true };
}

export async function disableImageDeprecation(
  cloud: Cloud,
  input: DisableImageDeprecationRequest,
  caller: Caller,
): Promise<DisableImageDeprecationResult> {
  await deprecated(cloud.db.read, caller, input.ImageId);
  endDryRun(input);
  await cloud.db.write(async (tx) => {
    const { image_id: imageId } = await deprecated(tx, caller, input.ImageId);
    await tx.updateTable('images').set({ deprecation_time: null }).where('image_id', '=', imageId).execute();
  });
  return { Return: true };
}

/** These two calls word it otherwise when the image is not there (packer-plugin-amazon#259). */
async function deprecated(
  db: Parameters<typeof readOwnImage>[0],
  caller: Caller,
  value: string | undefined,
): Promise<ImageRow> {
  try {
    return await readOwnImage(db, caller, value);
  } catch (error) {
    if (!(error instanceof Ec2Fault) || error.code !== 'InvalidAMIID.NotFound') throw error;
    throw new Ec2Fault(error.code, `Invalid ImageId: ${value}`, { cause: error });
  }
}

/** Rounded to the minute; not past; at most 10 years ahead, or 2 years after its creation for a public image. */
function checkedTime(image: ImageRow, wanted: Date, now: Date): string {
  if (Number.isNaN(wanted.getTime())) throw invalidParameterValue('DeprecateAt is not a date and time');
  const rounded = new Date(Math.round(wanted.getTime() / minuteMs) * minuteMs);
  const text = rounded.toISOString();
  if (rounded.getTime() < now.getTime() - minuteMs) {
    throw invalidParameterValue(`DeprecateAt (${text}) is in the past; give a time to come`);
  }
  const latest = image.is_public === 1 ? yearsAfter(new Date(image.created_at), 2) : yearsAfter(now, 10);
  if (rounded > latest) {
    throw invalidParameterValue(
      `DeprecateAt (${text}) is too far ahead; ${image.image_id} can be deprecated at ${latest.toISOString()} at the latest`,
    );
  }
  return text;
}

/** Two years after its creation; one that is nearly as old has two months left (EC2 guide, AMI deprecation). */
export function publicDeprecation(image: ImageRow, now: Date): string {
  const inTwoMonths = new Date(now);
  inTwoMonths.setUTCMonth(now.getUTCMonth() + 2);
  const twoYearsOld = yearsAfter(new Date(image.created_at), 2);
  const latest = wholeMinute(twoYearsOld < inTwoMonths ? inTwoMonths : twoYearsOld);
  const own = image.deprecation_time;
  return own !== null && own < latest ? own : latest;
}

function wholeMinute(date: Date): string {
  return new Date(Math.floor(date.getTime() / minuteMs) * minuteMs).toISOString();
}

function yearsAfter(date: Date, years: number): Date {
  const later = new Date(date);
  later.setUTCFullYear(date.getUTCFullYear() + years);
  return later;
}
