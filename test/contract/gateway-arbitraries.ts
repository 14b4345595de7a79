/** Values of every shape of the EC2 model, for fast-check. */
import fc from 'fast-check';
import type { Structure, Type } from '../../src/ec2/model/ec2-model.ts';

export type Side = 'input' | 'output';

const depthLimit = 4;

export function arbitraryOf(type: Type, side: Side, depth = 0): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'string':
      return text(side);
    case 'number':
      return fc.oneof(
        fc.integer(),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map(withoutMinusZero),
      );
    case 'boolean':
      return fc.boolean();
    case 'timestamp':
      return fc.date({ min: new Date('0100-01-01'), max: new Date('9999-12-31'), noInvalidDate: true });
    case 'blob':
      return fc
        .uint8Array({ minLength: side === 'input' ? 1 : 0, maxLength: 40 })
        .map((bytes) => new Uint8Array(bytes));
    case 'list':
      return fc.array(arbitraryOf(type.element, side, depth + 1), {
        minLength: side === 'input' ? 1 : 0,
        maxLength: 3,
      });
    case 'structure':
      return structure(type, side, depth);
    default:
      return type satisfies never;
  }
}

function structure(type: Structure, side: Side, depth: number): fc.Arbitrary<unknown> {
  const kept = type.members.filter(
    (member) => member.required || depth < depthLimit || isScalar(member.type),
  );
  const record = Object.fromEntries(
    kept.map((member) => [member.name, arbitraryOf(member.type, side, depth + 1)]),
  );
  const requiredKeys = kept.filter((member) => member.required).map((member) => member.name);
  const made = fc.record(record, { requiredKeys, noNullPrototype: true });
  // What has no parameter at all doesn't exist in a request, so an input's structures hold something.
  return side === 'input' && depth > 0
    ? made.map((value) => (Object.keys(value).length > 0 ? value : { ...value, ...smallest(type) }))
    : made;
}

function smallest(type: Structure): Record<string, unknown> {
  const required = type.members.filter((member) => member.required);
  const one = type.members.find(({ type: { kind } }) => kind === 'string') ?? type.members[0];
  const members = required.length > 0 || !one ? required : [one];
  return Object.fromEntries(members.map((member) => [member.name, smallestValue(member.type)]));
}

function smallestValue(type: Type): unknown {
  switch (type.kind) {
    case 'string':
      return 'x';
    case 'number':
      return 1;
    case 'boolean':
      return true;
    case 'timestamp':
      return new Date(0);
    case 'blob':
      return new Uint8Array([1]);
    case 'list':
      return [smallestValue(type.element)];
    case 'structure':
      return smallest(type);
    default:
      return type satisfies never;
  }
}

function isScalar(type: Type): boolean {
  return type.kind !== 'structure' && type.kind !== 'list';
}

/** A form can carry any text; XML cannot hold most control characters, and the SDK drops blank lines. */
function text(side: Side): fc.Arbitrary<string> {
  const any = fc.string({ unit: 'binary', maxLength: 12 }).filter((value) => value.isWellFormed());
  if (side === 'input') return any;
  return any
    .map((value) => value.replaceAll(new RegExp(notXml, 'g'), ''))
    .filter((value) => value.trim() !== '' || !/[\r\n]/.test(value));
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML cannot hold
export const notXml = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

function withoutMinusZero(value: number): number {
  return value === 0 ? 0 : value;
}
