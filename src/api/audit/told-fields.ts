/** What an audit entry tells of a body: enough to know what was meant, and nothing that could be a secret. */

const longest = 200;
const mostInList = 20;
const secret = /secret|password|passphrase|token|private_?key|credential/i;

/** Texts, numbers, flags and lists of them. What people name themselves (parameters, tags) is left out. */
export function plainFields(body: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    entriesOf(body).flatMap(([name, value]): [string, unknown][] => {
      if (secret.test(name)) return [];
      if (Array.isArray(value)) {
        return value.every(isPlain) ? [[name, value.slice(0, mostInList).map(shortened)]] : [];
      }
      return isPlain(value) ? [[name, shortened(value)]] : [];
    }),
  );
}

/** The ids that an answer names. */
export function namedIds(body: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    entriesOf(body).flatMap(([name, value]) =>
      /(_id|Id)$/.test(name) && typeof value === 'string' ? [[name, value.slice(0, longest)]] : [],
    ),
  );
}

function entriesOf(body: unknown): readonly (readonly [string, unknown])[] {
  return typeof body === 'object' && body !== null ? Object.entries(body) : [];
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function shortened(value: string | number | boolean): string | number | boolean {
  return typeof value === 'string' && value.length > longest ? `${value.slice(0, longest)}…` : value;
}
