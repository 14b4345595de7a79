/** One parameter's text to its value; the words are EC2's: `Value (x) for parameter y is invalid. …`. */
import { Ec2Fault } from './faults.ts';
import type { Scalar } from './model/member-names.ts';

const decimal = /^[+-]?(?:\d{1,40}(?:\.\d{1,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?$/;
const base64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** ISO 8601: a day, or a time with or without seconds, fraction and zone; without a zone it is UTC. */
const iso8601 = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/;

export function readScalar(
  kind: Scalar,
  name: string,
  text: string,
): string | number | boolean | Date | Uint8Array {
  switch (kind) {
    case 'string':
      return text;
    case 'number':
      return readNumber(name, text);
    case 'boolean':
      return readBoolean(name, text);
    case 'timestamp':
      return readTimestamp(name, text);
    case 'blob':
      return readBlob(name, text);
    default:
      return kind satisfies never;
  }
}

function readNumber(name: string, text: string): number {
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw invalid(name, text, 'Expected a number.');
  return value;
}

function readBoolean(name: string, text: string): boolean {
  const lower = text.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw invalid(name, text, "Expected: 'true' or 'false'.");
  return lower === 'true';
}

function readTimestamp(name: string, text: string): Date {
  const [matched, zone] = iso8601.exec(text) ?? [];
  const date = new Date(matched && text.includes('T') && !zone ? `${text}Z` : (matched ?? Number.NaN));
  if (Number.isNaN(date.getTime())) throw invalid(name, text, 'Expected a time as in 2016-11-15T20:30:00Z.');
  return date;
}

function readBlob(name: string, text: string): Uint8Array {
  if (!base64.test(text)) throw invalid(name, text, 'Expected base64.');
  return new Uint8Array(Buffer.from(text, 'base64'));
}

function invalid(name: string, text: string, expected: string): Ec2Fault {
  const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
  return new Ec2Fault(
    'InvalidParameterValue',
    `Value (${shown}) for parameter ${name} is invalid. ${expected}`,
  );
}
