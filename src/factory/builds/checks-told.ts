import type { Journals } from '../../platform/workflows/journal.ts';
import type { ValidationResult } from '../registry/version.ts';

/** The validations of the last stage that ran any: those of a failed one are in no result. */
export async function checksTold(journals: Journals, id: string): Promise<readonly ValidationResult[]> {
  const entries = await journals.read(id);
  const last = entries.findLastIndex(({ event }) => event.type === 'check');
  const stage = entries.slice(0, last).findLastIndex(({ event }) => event.type === 'stage');
  return entries.slice(stage + 1, last + 1).flatMap(({ event }) => {
    if (event.type !== 'check') return [];
    const { name, status, output, error } = event as unknown as ValidationResult;
    return [{ name, status, output, ...(error === undefined ? {} : { error }) }];
  });
}
