/**
 * One way to answer every Describe call. Filters that are a column's own text, and filters on tags, are asked
 * of the database, so what does not match is never read; the rest is checked on what is shown. Rows come in
 * order of their key, in batches, until the page is full.
 */
import type { Filter, Tag } from '@aws-sdk/client-ec2';
import { type SelectQueryBuilder, type SqlBool, sql } from 'kysely';
import { endDryRun } from '../../ec2/dry-run.ts';
import { compileFilters, type FilterTable } from '../../ec2/filters/filters.ts';
import { sqlPattern } from '../../ec2/filters/sql-pattern.ts';
import { closePage, openPage, type PageInput, type PageRules } from '../../ec2/pagination.ts';
import { checkIds, notFound, type ResourceName } from '../../ec2/resource-faults.ts';
import type { Caller } from '../../ec2/types.ts';
import type { AccountId } from '../../platform/ids.ts';
import type { Cloud } from '../cloud.ts';
import type { Schema } from '../schema.ts';

export interface DescribeInput extends PageInput {
  readonly Filters?: readonly Filter[] | undefined;
  readonly DryRun?: boolean | undefined;
}

export interface ListRules<T extends keyof Schema, Row, Shown> {
  readonly page: Omit<PageRules, 'secret'>;
  /** The rows that the caller may see; neither ordered nor limited. */
  readonly rows: SelectQueryBuilder<Schema, T, Row>;
  /** 'images.image_id': unique, and what tags are kept under. */
  readonly key: string;
  readonly keyOf: (row: Row) => string;
  /** The ids that the call names: one that is malformed or missing is an error, whatever the filters say. */
  readonly ids?: {
    readonly resource: ResourceName;
    readonly values: readonly string[] | undefined;
    /** The rows that count as there, where the call narrows `rows` by more than what the caller may see. */
    readonly among?: SelectQueryBuilder<Schema, T, Row>;
  };
  /** Filters that a column answers: name → 'images.state'. They need not stand in `filters`. */
  readonly columns: Readonly<Record<string, string>>;
  /** Filters on what is shown. */
  readonly filters: FilterTable<Shown>;
  readonly tagsOf?: (shown: Shown) => readonly Tag[];
  /** Whose tags filters may ask for, where resources of several accounts are listed. */
  readonly tagOwners?: readonly AccountId[];
  readonly show: (rows: readonly Row[]) => Promise<readonly Shown[]>;
}

export interface Listed<Shown> {
  readonly items: readonly Shown[];
  readonly NextToken: string | undefined;
}

const batch = 500;

export async function listResources<T extends keyof Schema, Row, Shown>(
  cloud: Cloud,
  caller: Caller,
  input: DescribeInput,
  rules: ListRules<T, Row, Shown>,
): Promise<Listed<Shown>> {
  const page = openPage(input, { ...rules.page, secret: cloud.tokenSecret }, caller);
  const { asked, left } = split(input.Filters ?? [], rules);
  const matches = compileFilters(left, rules.filters, rules.tagsOf);
  // Compiled for its checks too: names, numbers of values, lengths.
  compileFilters(asked, columnsAsTable(rules.columns), () => []);
  const query = asked.reduce((rows, filter) => rows.where(condition(filter, rules)), await named(rules));
  endDryRun(input);
  const wanted = page.limit === undefined ? undefined : page.limit + 1;

  const found: { readonly row: Row; readonly shown: Shown }[] = [];
  let after = page.after;
  for (;;) {
    const size = left.length === 0 ? wanted : batch;
    const rows = await read(query, rules.key, after, size);
    const shown = await rules.show(rows);
    for (const [index, row] of rows.entries()) {
      const one = shown[index];
      if (one !== undefined && matches(one)) found.push({ row, shown: one });
    }
    const last = rows.at(-1);
    const exhausted = size === undefined || rows.length < size || last === undefined;
    if (exhausted || (wanted !== undefined && found.length >= wanted)) break;
    after = rules.keyOf(last);
  }
  const { items, NextToken } = closePage(found, page, ({ row }) => rules.keyOf(row));
  return { items: items.map((item) => item.shown), NextToken };
}

/** Restricted to the ids that were asked for, all of which there are. */
async function named<T extends keyof Schema, Row, Shown>({
  rows,
  key,
  keyOf,
  ids,
}: ListRules<T, Row, Shown>) {
  const values = ids?.values ?? [];
  if (ids === undefined || values.length === 0) return rows;
  checkIds(ids.resource, values);
  const named = sql<SqlBool>`${sql.ref(key)} in (${sql.join([...values])})`;
  const there = await read((ids.among ?? rows).where(named), key, undefined, undefined);
  const known = new Set(there.map(keyOf));
  const missing = values.filter((id) => !known.has(id));
  if (missing.length > 0) throw notFound(ids.resource, missing);
  return rows.where(named);
}

async function read<T extends keyof Schema, Row>(
  query: SelectQueryBuilder<Schema, T, Row>,
  key: string,
  after: string | undefined,
  size: number | undefined,
): Promise<readonly Row[]> {
  const following = after === undefined ? query : query.where(sql<SqlBool>`${sql.ref(key)} > ${after}`);
  const ordered = following.orderBy(sql.ref(key));
  return (await (size === undefined ? ordered : ordered.limit(size)).execute()) as readonly Row[];
}

function split<T extends keyof Schema, Row, Shown>(
  filters: readonly Filter[],
  rules: ListRules<T, Row, Shown>,
): { readonly asked: Filter[]; readonly left: Filter[] } {
  const inDatabase = ({ Name: name = '' }: Filter) =>
    Object.hasOwn(rules.columns, name) ||
    (rules.tagsOf !== undefined && /^tag:|^tag-(?:key|value)$/.test(name));
  return {
    asked: filters.filter(inDatabase),
    left: filters.filter((filter) => !inDatabase(filter)),
  };
}

function condition(
  { Name: name = '', Values: values = [] }: Filter,
  rules: {
    readonly key: string;
    readonly columns: Readonly<Record<string, string>>;
    readonly tagOwners?: readonly AccountId[];
  },
) {
  const column = rules.columns[name];
  if (column !== undefined) return anyOf(column, values);
  const tag = name.startsWith('tag:')
    ? sql<SqlBool>`tags.key = ${name.slice('tag:'.length)} and ${anyOf('tags.value', values)}`
    : anyOf(name === 'tag-key' ? 'tags.key' : 'tags.value', values);
  const owned =
    rules.tagOwners === undefined ? sql`` : sql` and tags.owner_id in (${sql.join([...rules.tagOwners])})`;
  return sql<SqlBool>`${sql.ref(rules.key)} in (select tags.resource_id from tags where ${tag}${owned})`;
}

/** No values match nothing, as in EC2. */
function anyOf(column: string, values: readonly string[]) {
  const patterns = values.map(sqlPattern);
  const exact = patterns.filter((pattern) => pattern.kind === 'exact').map((pattern) => pattern.value);
  const globs = patterns.filter((pattern) => pattern.kind === 'pattern').map((pattern) => pattern.glob);
  const tests = [
    ...(exact.length === 0 ? [] : [sql<SqlBool>`${sql.ref(column)} in (${sql.join(exact)})`]),
    ...globs.map((glob) => sql<SqlBool>`${sql.ref(column)} glob ${glob}`),
  ];
  return tests.length === 0 ? sql<SqlBool>`1 = 0` : sql<SqlBool>`(${sql.join(tests, sql` or `)})`;
}

function columnsAsTable(columns: Readonly<Record<string, string>>): FilterTable<unknown> {
  return Object.fromEntries(Object.keys(columns).map((name) => [name, () => undefined]));
}
