/**
 * EC2's filters over records: the values of one filter are alternatives, all filters must hold.
 * A resource declares its filters as a table of name → value of the record.
 */
import type { Filter, Tag } from '@aws-sdk/client-ec2';
import { Ec2Fault } from '../faults.ts';
import { matchesParts, readPattern } from './pattern.ts';

/** A Date is compared as EC2 writes it ('2016-11-15T20:30:00.000Z'), a boolean as 'true' or 'false'. */
export type FilterValue = string | number | boolean | Date | readonly string[] | undefined;

export type FilterTable<R> = Readonly<Record<string, (record: R) => FilterValue>>;

const maxValues = 200;
const maxValueLength = 1_024;

/**
 * The test that a record must pass. With `tagsOf`, `tag:<key>`, `tag-key` and `tag-value` are known too.
 * Throws InvalidParameterValue for a filter that the table lacks, FilterLimitExceeded above 200 values.
 */
export function compileFilters<R>(
  filters: readonly Filter[] | undefined,
  table: FilterTable<R>,
  tagsOf?: (record: R) => readonly Tag[],
): (record: R) => boolean {
  const values = filters?.reduce((count, filter) => count + (filter.Values?.length ?? 0), 0) ?? 0;
  if (values > maxValues) {
    throw new Ec2Fault(
      'FilterLimitExceeded',
      `The maximum number of filter values specified on a single call is ${maxValues}`,
    );
  }
  const tests = (filters ?? []).map((filter) => {
    const read = valueGetter(filter.Name, table, tagsOf);
    const matches = compileFilter(filter.Values ?? []);
    return (record: R) => someText(read(record), matches);
  });
  return (record) => tests.every((test) => test(record));
}

/** Whether a text matches one of the values; no values match nothing. */
export function compileFilter(values: readonly string[]): (candidate: string) => boolean {
  if (values.some((value) => value.length > maxValueLength)) {
    throw new Ec2Fault(
      'InvalidParameterValue',
      `A filter value may have at most ${maxValueLength} characters`,
    );
  }
  const exact = new Set<string>();
  const tests: ((candidate: string) => boolean)[] = [];
  for (const pattern of values.map(readPattern)) {
    if (pattern.kind === 'exact') exact.add(pattern.text);
    else if (pattern.kind === 'prefix') tests.push((candidate) => candidate.startsWith(pattern.text));
    else tests.push((candidate) => matchesParts(pattern.parts, candidate));
  }
  return (candidate) => exact.has(candidate) || tests.some((test) => test(candidate));
}

/** What EC2 says of a filter that an action doesn't have. */
export function invalidFilter(name: string | undefined): Ec2Fault {
  return new Ec2Fault('InvalidParameterValue', `The filter '${name ?? 'null'}' is invalid`);
}

function valueGetter<R>(
  name: string | undefined,
  table: FilterTable<R>,
  tagsOf: ((record: R) => readonly Tag[]) | undefined,
): (record: R) => FilterValue {
  const known = name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
  if (known) return known;
  if (tagsOf && name === 'tag-key') return (record) => tagsOf(record).map((tag) => tag.Key ?? '');
  if (tagsOf && name === 'tag-value') return (record) => tagsOf(record).map((tag) => tag.Value ?? '');
  if (tagsOf && name?.startsWith('tag:')) {
    const key = name.slice('tag:'.length);
    return (record) => tagsOf(record).find((tag) => tag.Key === key)?.Value;
  }
  throw invalidFilter(name);
}

function someText(value: FilterValue, matches: (candidate: string) => boolean): boolean {
  if (value === undefined) return false;
  if (typeof value === 'string') return matches(value);
  if (value instanceof Date) return matches(value.toISOString());
  return typeof value === 'object' ? value.some(matches) : matches(String(value));
}
