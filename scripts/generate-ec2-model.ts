/**
 * Writes src/ec2/model/ec2-model.json: the whole EC2 model, boiled down from the schemas that the official
 * package carries, so that the server need not import the package (90 MiB, half a second).
 *
 * A shape is one line. A structure: how many of its members are required (they come first), then name and
 * type of each member. A list: the name of its elements in XML, then their type. A type is a number for a
 * scalar or the name of a shape. A member 'Name|xml|query' leaves out what follows from the rules in
 * `model/ec2-model.ts`.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Scalar, scalars, spellMember } from '../src/ec2/model/member-names.ts';

type Type = number | string;
type Shape = readonly (number | string)[];

interface Traits {
  readonly xmlName?: string;
  readonly ec2QueryName?: string;
}

/** The SDK's own schema tuples, see @smithy/types schema/static-schemas. */
type Schema = readonly unknown[];
const structureKind = 3;
const listKind = 1;
const simpleKind = 0;
const operationKind = 9;

/** The SDK's number of each scalar; 64 + scalar is a list of it. */
const scalarOf: Readonly<Record<number, Scalar>> = {
  0: 'string',
  1: 'number',
  2: 'boolean',
  4: 'timestamp',
  21: 'blob',
};
const listModifier = 64;

export function describeModel(sdk: Readonly<Record<string, unknown>>): string {
  const shapes = new Map<string, Shape>();
  const actions = new Map<string, readonly (Type | null)[]>();

  const typeOf = (reference: unknown): Type | null => {
    const schema = dereference(reference);
    if (schema === 'unit') return null;
    if (typeof schema === 'number') return scalarType(schema);
    if (!Array.isArray(schema)) throw new Error(`Unknown schema ${String(schema)}`);
    const [kind, , name] = schema as [number, string, string];
    if (kind === simpleKind) return typeOf(schema[4]);
    if (!shapes.has(name)) {
      shapes.set(name, []);
      shapes.set(name, kind === structureKind ? structure(schema) : list(kind, schema));
    }
    return name;
  };

  const scalarType = (schema: number): Type => {
    const scalar = scalarOf[schema];
    if (scalar !== undefined) return scalars.indexOf(scalar);
    const element = scalarOf[schema - listModifier];
    if (element === undefined) throw new Error(`Unknown scalar ${schema}`);
    const name = `${element}s`;
    shapes.set(name, ['member', scalars.indexOf(element)]);
    return name;
  };

  const structure = (schema: Schema): Shape => {
    const names = schema[4] as readonly string[];
    const members = schema[5] as readonly unknown[];
    const spelt = names.flatMap((name, index) => {
      const { type, traits } = member(members[index]);
      return [spellMember(name, traits.xmlName, traits.ec2QueryName), type];
    });
    return [(schema[6] as number | undefined) ?? 0, ...spelt];
  };

  const list = (kind: number, schema: Schema): Shape => {
    if (kind !== listKind) throw new Error(`Unknown kind of schema ${kind} (${String(schema[2])})`);
    const { type, traits } = member(schema[4]);
    return [traits.xmlName ?? 'member', type];
  };

  const member = (reference: unknown): { type: Type; traits: Traits } => {
    const schema = dereference(reference);
    const [target, traits] = Array.isArray(schema) && schema.length === 2 ? schema : [schema, 0];
    const type = typeOf(target);
    if (type === null) throw new Error('A member without a type');
    return { type, traits: typeof traits === 'object' ? (traits as Traits) : {} };
  };

  for (const schema of Object.values(sdk)) {
    if (!Array.isArray(schema) || schema[0] !== operationKind) continue;
    actions.set(schema[2] as string, [typeOf(schema[4]), typeOf(schema[5])]);
  }
  return `{\n"actions":{\n${lines(actions)}\n},\n"shapes":{\n${lines(shapes)}\n}\n}\n`;
}

function dereference(reference: unknown): unknown {
  return typeof reference === 'function' ? reference() : reference;
}

function lines(table: ReadonlyMap<string, unknown>): string {
  return [...table.keys()]
    .sort()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(table.get(name))}`)
    .join(',\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = new URL('../src/ec2/model/ec2-model.json', import.meta.url);
  writeFileSync(target, describeModel(await import('@aws-sdk/client-ec2')));
}
