/** A typed answer as status, headers and body: REST-JSON, where times are seconds since 1970. */
import type { EbsFault } from './faults.ts';
import type { ActionModel } from './model.ts';

export interface EbsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export function encodeEbsOutput(model: ActionModel, output: object): EbsAnswer {
  const headers: Record<string, string> = {};
  const json: Record<string, unknown> = {};
  let block: Uint8Array | undefined;
  for (const [name, value] of Object.entries(output)) {
    const header = model.answerHeaders[name];
    if (value === undefined || value === null) continue;
    if (name === 'BlockData') block = value as Uint8Array;
    else if (header !== undefined) headers[header] = String(value);
    else json[name] = value instanceof Date ? value.getTime() / 1000 : value;
  }
  if (block !== undefined) {
    return {
      status: model.status,
      headers: { ...headers, 'content-type': 'application/octet-stream' },
      body: block,
    };
  }
  return {
    status: model.status,
    headers: { ...headers, ...jsonType },
    body: Buffer.from(JSON.stringify(json)),
  };
}

export function encodeEbsFault({ code, status, kind, message }: EbsFault): EbsAnswer {
  return {
    status,
    headers: { ...jsonType, 'x-amzn-ErrorType': code, ...(status === 413 ? { connection: 'close' } : {}) },
    body: Buffer.from(JSON.stringify({ Message: message, ...(kind === undefined ? {} : { Reason: kind }) })),
  };
}

const jsonType = { 'content-type': 'application/json' };
