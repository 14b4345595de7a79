/**
 * EBS direct over HTTP: path → signature → typed input → operation → JSON, or a block's bytes. It shares the port, the
 * keys and the signatures of the EC2 gateway.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../platform/log.ts';
import { Ec2Fault } from '../faults.ts';
import type { HttpHandler } from '../gateway.ts';
import { ClientGone, readBody } from '../read-body.ts';
import { SignatureRefused } from '../sigv4/refusal.ts';
import { createSigningKeys, type SigningKeys } from '../sigv4/signing-keys.ts';
import { verifyRequest } from '../sigv4/verify-request.ts';
import type { Caller, KeyLookup } from '../types.ts';
import { decodeEbsInput } from './decode.ts';
import { type EbsAnswer, encodeEbsFault, encodeEbsOutput } from './encode.ts';
import { EbsFault, throttled } from './faults.ts';
import { ebsRefusalFault } from './refusal-fault.ts';
import { routeOf } from './route.ts';
import type { EbsOperations } from './types.ts';

export interface EbsGatewayParts {
  readonly operations: EbsOperations;
  readonly keys: KeyLookup;
  readonly log: Log;
  readonly regions: readonly string[];
  readonly clock?: () => Date;
  /** Above it requests are answered RequestThrottledException, and clients come again: a block takes half a MiB. */
  readonly maxConcurrent?: number;
}

/** What begins with this is EBS direct's. */
export const ebsPath = '/snapshots';

export function createEbsGateway(parts: EbsGatewayParts): HttpHandler {
  const signingKeys = createSigningKeys();
  const limit = parts.maxConcurrent ?? 64;
  let underWay = 0;
  return (request, response) => {
    underWay += 1;
    void serve(request, response, parts, signingKeys, underWay > limit).finally(() => {
      underWay -= 1;
    });
  };
}

interface RequestFacts {
  readonly requestId: string;
  action?: string;
  region?: string;
  accountId?: string;
}

/** Never rejects. */
async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  parts: EbsGatewayParts,
  signingKeys: SigningKeys,
  tooMany: boolean,
): Promise<void> {
  const facts: RequestFacts = { requestId: randomUUID() };
  const startedMs = performance.now();
  try {
    if (tooMany) throw await refuseForNow(request);
    const answered = await answer(request, facts, parts, signingKeys);
    send(response, answered, facts.requestId);
    parts.log.debug({ ...facts, ms: performance.now() - startedMs }, 'answered');
  } catch (error) {
    if (error instanceof ClientGone) return;
    const fault = faultOf(error, facts, parts.log);
    send(response, encodeEbsFault(fault), facts.requestId);
    parts.log.debug({ ...facts, code: fault.code, ms: performance.now() - startedMs }, 'refused');
  }
}

/** A client that is cut off in mid-send never reads the answer, so what it sends is thrown away first. */
async function refuseForNow(request: IncomingMessage): Promise<EbsFault> {
  request.resume();
  if (!request.complete) {
    await new Promise((resolve) => request.once('end', resolve).once('close', resolve));
  }
  return throttled('Too many blocks are on their way; send fewer at once, or again in a moment.');
}

async function answer(
  request: IncomingMessage,
  facts: RequestFacts,
  { operations, keys, regions, clock = () => new Date() }: EbsGatewayParts,
  signingKeys: SigningKeys,
): Promise<EbsAnswer> {
  const { method = '', url = '/', headers } = request;
  const [path = '', search = ''] = url.split(/\?(.*)/s, 2);
  const body = await readBody(request);
  const route = routeOf(method, path);
  facts.action = route.action;
  const { key, region } = await verifyRequest(
    {
      method,
      url,
      headers,
      body,
      services: ['ebs'],
      unsignedPayloadAllowed: route.action === 'PutSnapshotBlock' && signsChecksum(headers.authorization),
    },
    { keys, signingKeys, clock },
  );
  facts.region = region;
  facts.accountId = key.accountId;
  if (!regions.includes(region)) {
    throw new EbsFault(
      'UnrecognizedClientException',
      `The request is signed for region '${region}'; this cloud has ${regions.join(', ')}`,
    );
  }
  const input = decodeEbsInput(route, { query: new URLSearchParams(search), headers, body });
  const { accountId, accessKeyId } = key;
  const caller: Caller = { accountId, accessKeyId, region, requestId: facts.requestId };
  const operation = operations[route.action] as (input: unknown, caller: Caller) => Promise<object>;
  return encodeEbsOutput(route.model, await operation(input, caller));
}

/** Where the body isn't signed, its checksum must be. */
function signsChecksum(authorization: string | undefined): boolean {
  const [, signed = ''] = /SignedHeaders=([^,\s]*)/.exec(authorization ?? '') ?? [];
  return signed.split(';').includes('x-amz-checksum');
}

/** The one place where an unexpected error is logged; the client learns nothing but the request id. */
function faultOf(error: unknown, facts: RequestFacts, log: Log): EbsFault {
  if (error instanceof EbsFault) return error;
  if (error instanceof SignatureRefused) return ebsRefusalFault(error);
  if (error instanceof Ec2Fault && error.code === 'RequestEntityTooLarge') {
    return new EbsFault('RequestEntityTooLargeException', error.message);
  }
  log.error({ ...facts, err: error }, 'An operation of EBS direct failed unexpectedly');
  return new EbsFault('InternalServerException', 'An internal error has occurred', { cause: error });
}

function send(response: ServerResponse, { status, headers, body }: EbsAnswer, requestId: string): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, {
    ...headers,
    'content-length': body.length,
    'cache-control': 'no-cache, no-store',
    'x-amzn-requestid': requestId,
  });
  response.end(body);
}
