import * as sdk from '@aws-sdk/client-ebs';
import { expect, test } from 'vitest';
import { ebsModel } from './model.ts';
import { routeOf } from './route.ts';
import type { EbsAction } from './types.ts';

/** The SDK's own schemas: [kind, namespace, name, traits, input, output] and [kind, namespace, name, traits, names, types]. */
type Schema = readonly [number, string, string, unknown, readonly string[], readonly unknown[], number?];

const schemas = sdk as unknown as Readonly<Record<string, Schema>>;
const actions = Object.keys(ebsModel) as EbsAction[];
const schemaOf = (name: string): Schema => {
  const schema = schemas[`${name}$`];
  if (schema === undefined) throw new Error(`The SDK has no schema ${name}`);
  return schema;
};

test('every operation of the SDK is in the table, and no other', () => {
  const known = Object.keys(sdk).flatMap((name) => /^(\w+)Command$/.exec(name)?.[1] ?? []);
  expect(actions.toSorted()).toEqual(known.toSorted());
});

test.each(actions)('%s has the path and the members of the SDK', (action) => {
  const { method, path, status, members } = ebsModel[action];
  expect(schemaOf(action)[3]).toEqual({ http: [method, path, status] });
  const [, , , , names, types, required = 0] = schemaOf(`${action}Request`);
  expect(Object.keys(members).toSorted()).toEqual([...names].toSorted());
  const needed = Object.keys(members).filter((name) => members[name]?.required);
  expect(needed.toSorted()).toEqual(names.slice(0, required).toSorted());
  for (const [at, name] of names.entries()) {
    const type = types[at];
    const traits = (Array.isArray(type) ? type[1] : {}) as { httpHeader?: string; httpQuery?: string };
    const { place, name: there } = members[name] ?? {};
    if (traits.httpHeader !== undefined) expect([place, there]).toEqual(['header', traits.httpHeader]);
    if (traits.httpQuery !== undefined) expect([place, there]).toEqual(['query', traits.httpQuery]);
  }
});

test('a path leads to its operation, a wrong method or path to the error that says so', () => {
  const put = routeOf('PUT', '/snapshots/snap-1/blocks/7');
  expect([put.action, put.labels.get('BlockIndex')]).toEqual(['PutSnapshotBlock', '7']);
  expect(routeOf('POST', '/snapshots/completion/snap-1').action).toBe('CompleteSnapshot');
  expect(() => routeOf('DELETE', '/snapshots')).toThrow('not allowed');
  expect(() => routeOf('GET', '/snapshots/snap-1/other')).toThrow('No operation');
});
