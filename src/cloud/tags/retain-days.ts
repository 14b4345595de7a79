import type { Transaction } from 'kysely';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';

/** As a tag-level retention rule of EC2's recycle bin: who tags a resource has it kept for so many days. */
export const retainDaysTag = 'ingot:retain-days';

const mostDays = 365;

/** Of a resource that is deleted now: the longest of the rules that meet it. 0: it goes at once. */
export async function retainDays(tx: Transaction<Schema>, cloud: Cloud, resourceId: string): Promise<number> {
  const tag = await tx
    .selectFrom('tags')
    .select('value')
    .where('resource_id', '=', resourceId)
    .where('key', '=', retainDaysTag)
    .executeTakeFirst();
  const days = /^\d{1,3}$/.test(tag?.value ?? '') ? Number(tag?.value) : 0;
  return Math.max(cloud.config.recycleBinDays, days <= mostDays ? days : 0);
}
