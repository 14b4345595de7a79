/** A request's parameters: application/x-www-form-urlencoded, from a body or a query string. */
import { Ec2Fault } from './faults.ts';

export type Parameters = ReadonlyMap<string, string>;

/** More than any EC2 call takes; what a parameter costs to decode is bounded by its place in the model. */
const maxParameters = 10_000;
const maxNameLength = 1_024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws MalformedQueryString for what isn't UTF-8, RequestEntityTooLarge for too many parameters. */
export function readParameters(queryString: string, body: Uint8Array): Parameters {
  const parameters = new Map<string, string>();
  addParameters(parameters, queryString);
  if (body.length > 0) addParameters(parameters, bodyText(body));
  return parameters;
}

function addParameters(parameters: Map<string, string>, form: string): void {
  for (let start = 0; start < form.length; ) {
    const ampersand = form.indexOf('&', start);
    const end = ampersand < 0 ? form.length : ampersand;
    if (end > start) addParameter(parameters, form.slice(start, end));
    start = end + 1;
  }
}

function addParameter(parameters: Map<string, string>, pair: string): void {
  const equals = pair.indexOf('=');
  const name = decode(equals < 0 ? pair : pair.slice(0, equals));
  if (name.length > maxNameLength) throw unreadable('a parameter name is too long');
  if (parameters.has(name)) {
    throw new Ec2Fault('InvalidParameterCombination', `The parameter ${name} may only be given once`);
  }
  if (parameters.size >= maxParameters) {
    throw new Ec2Fault('RequestEntityTooLarge', `A request may have at most ${maxParameters} parameters`);
  }
  parameters.set(name, equals < 0 ? '' : decode(pair.slice(equals + 1)));
}

function bodyText(body: Uint8Array): string {
  try {
    return utf8.decode(body);
  } catch (error) {
    throw unreadable('the body is not UTF-8', error);
  }
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch (error) {
    throw unreadable('a percent-encoding is not UTF-8', error);
  }
}

function unreadable(reason: string, cause?: unknown): Ec2Fault {
  return new Ec2Fault('MalformedQueryString', `The query string contains a syntax error: ${reason}`, {
    cause,
  });
}
