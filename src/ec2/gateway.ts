/**
 * The EC2 Query API over HTTP: body → signature → action → typed input → operation → XML. Whatever goes
 * wrong on the way is answered in AWS's words, with the request id that the log has too.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../platform/log.ts';
import { decodeInput } from './decode.ts';
import { dispatchOperation, servedOperation } from './dispatch.ts';
import { encodeFault, encodeOutput } from './encode.ts';
import { Ec2Fault } from './faults.ts';
import { type Parameters, readParameters } from './form.ts';
import { loadEc2Model } from './model/ec2-model.ts';
import { ClientGone, readBody } from './read-body.ts';
import { sendXml } from './send-xml.ts';
import { SignatureRefused } from './sigv4/refusal.ts';
import { ec2RefusalFault, stsRefusalFault } from './sigv4/refusal-fault.ts';
import { createSigningKeys, type SigningKeys } from './sigv4/signing-keys.ts';
import { type Verified, verifyRequest } from './sigv4/verify-request.ts';
import { answerSts, type CallerIdentity, encodeStsFault, identityOf } from './sts/sts.ts';
import type { AccessKey, KeyLookup, Operations } from './types.ts';

export interface GatewayParts {
  readonly operations: Operations;
  readonly keys: KeyLookup;
  readonly log: Log;
  /** The regions that a signature may name. */
  readonly regions: readonly string[];
  /** What GetCallerIdentity answers; by default what follows from the key. */
  readonly sts?: (key: AccessKey) => CallerIdentity;
  readonly clock?: () => Date;
}

export type HttpHandler = (request: IncomingMessage, response: ServerResponse) => void;

export function createGateway(parts: GatewayParts): HttpHandler {
  const signingKeys = createSigningKeys();
  return (request, response) => {
    void serve(request, response, parts, signingKeys);
  };
}

/** Never rejects: everything that can happen to a request ends in an answer, or in nobody to answer. */
async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  parts: GatewayParts,
  signingKeys: SigningKeys,
): Promise<void> {
  const requestId = randomUUID();
  const startedMs = performance.now();
  // What the log line says; filled in as it becomes known.
  const facts: RequestFacts = { requestId };
  try {
    const xml = await answer(request, facts, parts, signingKeys);
    sendXml(response, 200, xml, requestId);
    parts.log.debug({ ...facts, ms: performance.now() - startedMs }, 'answered');
  } catch (error) {
    if (error instanceof ClientGone) return;
    const fault = faultOf(error, facts, parts.log);
    const sts = (error instanceof SignatureRefused ? error.service : facts.service) === 'sts';
    const xml = sts ? encodeStsFault(fault, requestId) : encodeFault(fault.code, fault.message, requestId);
    sendXml(response, fault.status, xml, requestId);
    parts.log.debug({ ...facts, code: fault.code, ms: performance.now() - startedMs }, 'refused');
  }
}

interface RequestFacts {
  readonly requestId: string;
  service?: string;
  action?: string;
  region?: string;
  accountId?: string;
}

async function answer(
  request: IncomingMessage,
  facts: RequestFacts,
  parts: GatewayParts,
  signingKeys: SigningKeys,
): Promise<string> {
  const { method = '', url = '/', headers } = request;
  if (method !== 'GET' && method !== 'POST') {
    throw new Ec2Fault('MethodNotAllowed', `The method ${method} is not allowed: use GET or POST`);
  }
  const body = await readBody(request);
  const verified = await verifyRequest(
    { method, url, headers, body, services: ['ec2', 'sts'] },
    { keys: parts.keys, signingKeys, clock: parts.clock ?? (() => new Date()) },
  );
  facts.service = verified.service;
  facts.region = verified.region;
  facts.accountId = verified.key.accountId;
  const parameters = readParameters(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '', body);
  const action = parameters.get('Action');
  if (!action) throw new Ec2Fault('MissingAction', 'The request must contain the parameter Action');
  facts.action = action.slice(0, 100);
  if (verified.service === 'sts') {
    return answerSts(parameters, () => (parts.sts ?? identityOf)(verified.key), facts.requestId);
  }
  return answerEc2(action, parameters, verified, facts.requestId, parts);
}

async function answerEc2(
  name: string,
  parameters: Parameters,
  { key, region }: Verified,
  requestId: string,
  { operations, regions }: GatewayParts,
): Promise<string> {
  const action = loadEc2Model().action(name);
  if (!action) {
    throw new Ec2Fault(
      'InvalidAction',
      `The action ${name.slice(0, 100)} is not valid for this web service.`,
    );
  }
  if (!regions.includes(region)) {
    throw new Ec2Fault(
      'AuthFailure',
      `The request is signed for region '${region}'; this cloud has ${regions.join(', ')}`,
    );
  }
  servedOperation(operations, name);
  const input = decodeInput(action, parameters);
  const { accountId, accessKeyId } = key;
  const output = await dispatchOperation(operations, name, input, {
    accountId,
    accessKeyId,
    region,
    requestId,
  });
  return encodeOutput(action, output, requestId);
}

/** The one place where an unexpected error is logged; the client learns nothing but the request id. */
function faultOf(error: unknown, facts: RequestFacts, log: Log): Ec2Fault {
  if (error instanceof Ec2Fault) return error;
  if (error instanceof SignatureRefused) {
    return error.service === 'sts' ? stsRefusalFault(error) : ec2RefusalFault(error);
  }
  log.error({ ...facts, err: error }, 'An operation failed unexpectedly');
  return new Ec2Fault('InternalError', 'An internal error has occurred', { cause: error });
}
