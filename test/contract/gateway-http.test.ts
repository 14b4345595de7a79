/** What a client sees of the gateway beside its operations: errors, headers, connections. */
import { connect } from 'node:net';
import {
  CreateImageCommand,
  DescribeImagesCommand,
  DescribeVpcsCommand,
  EC2ServiceException,
} from '@aws-sdk/client-ec2';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endDryRun } from '../../src/ec2/dry-run.ts';
import { createLog } from '../../src/platform/log.ts';
import { type GatewayRig, startGateway, testKey, testRegion } from './gateway-rig.ts';

let rig: GatewayRig;
beforeAll(async () => {
  rig = await startGateway({
    log: createLog({ level: 'silent' }),
    operations: {
      DescribeImages: async () => ({ Images: [] }),
      CreateImage: async (input) => {
        endDryRun(input);
        throw new Error('private detail');
      },
    },
  });
});
afterAll(() => rig.close());

async function faultOf(promise: Promise<unknown>): Promise<EC2ServiceException> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof EC2ServiceException) return error;
  throw new Error('expected a fault of EC2', { cause: error });
}

const createImage = new CreateImageCommand({ InstanceId: 'i-1', Name: 'name' });

describe('the SDK sees', () => {
  it('a request id in every answer and fault', async () => {
    const { $metadata } = await rig.client().send(new DescribeImagesCommand({}));
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const fault = await faultOf(rig.client().send(createImage));
    expect(fault.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('nothing of an unexpected error but InternalError', async () => {
    const fault = await faultOf(rig.client().send(createImage));
    expect(fault).toMatchObject({ name: 'InternalError', message: 'An internal error has occurred' });
    expect(fault.$metadata.httpStatusCode).toBe(500);
  });

  it('UnsupportedOperation once for an action that isn’t served, and tries no more', async () => {
    const fault = await faultOf(rig.client({ maxAttempts: 4 }).send(new DescribeVpcsCommand({})));
    expect(fault).toMatchObject({
      name: 'UnsupportedOperation',
      $metadata: { attempts: 1, httpStatusCode: 400 },
    });
    expect(fault.message).toContain('DescribeVpcs');
  });

  it('DryRunOperation for a dry run', async () => {
    const fault = await faultOf(
      rig.client().send(new CreateImageCommand({ InstanceId: 'i-1', Name: 'name', DryRun: true })),
    );
    expect(fault.name).toBe('DryRunOperation');
    expect(fault.$metadata.httpStatusCode).toBe(412);
  });

  it('AuthFailure for a wrong secret, an unknown key and a region that this cloud has not', async () => {
    const credentials = { ...testKey, secretAccessKey: 'wrong' };
    for (const client of [
      rig.client({ credentials }),
      rig.client({ credentials: { ...testKey, accessKeyId: 'AKIAUNKNOWN' } }),
      rig.client({ region: 'mars-north-1' }),
    ]) {
      const fault = await faultOf(client.send(createImage));
      expect(fault.name).toBe('AuthFailure');
      expect(fault.$metadata.httpStatusCode).toBe(401);
    }
  });

  it('RequestExpired when its clock is wrong, and learns the time from the answer', async () => {
    const client = rig.client({ systemClockOffset: -3_600_000 });
    const fault = await faultOf(client.send(new DescribeImagesCommand({})));
    expect(fault).toMatchObject({ name: 'RequestExpired', message: 'Request has expired.' });
    expect(await client.send(new DescribeImagesCommand({}))).toMatchObject({ Images: [] });
  });

  it('its identity from STS in any region, and STS’s words for what isn’t served', async () => {
    const sts = new STSClient({ endpoint: rig.endpoint, region: 'eu-south-1', credentials: testKey });
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: testKey.accountId,
      Arn: `arn:aws:iam::${testKey.accountId}:user/alice`,
    });
    await expect(sts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({ name: 'InvalidAction' });
    const stranger = new STSClient({
      endpoint: rig.endpoint,
      region: 'eu-south-1',
      credentials: { ...testKey, secretAccessKey: 'x' },
    });
    await expect(stranger.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
  });
});

describe('over plain HTTP', () => {
  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is not allowed', async (method) => {
    const response = await fetch(rig.endpoint, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
    expect(await response.text()).toContain('<Code>MethodNotAllowed</Code>');
  });

  it('HEAD is refused without a body', async () => {
    const response = await fetch(rig.endpoint, { method: 'HEAD' });
    expect(response.status).toBe(405);
    expect(response.headers.get('x-amzn-requestid')).toBeTruthy();
  });

  it('a request without a signature is told so', async () => {
    const response = await fetch(`${rig.endpoint}/?Action=DescribeImages`);
    expect(response.status).toBe(403);
    expect(response.headers.get('content-type')).toBe('text/xml;charset=UTF-8');
    expect(await response.text()).toContain('<Code>MissingAuthenticationToken</Code>');
  });

  it('a presigned GET is answered, and only while it is valid', async () => {
    const { sha256 } = rig.client().config;
    const signer = new SignatureV4({ credentials: testKey, region: testRegion, service: 'ec2', sha256 });
    const { hostname, port, host } = new URL(rig.endpoint);
    const query = {
      Action: 'DescribeImages',
      Version: '2016-11-15',
      'Filter.1.Name': 'name',
      'Filter.1.Value.1': 'a *',
    };
    const request = {
      method: 'GET',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path: '/',
      query,
      headers: { host },
    };
    const urlOf = async (signingDate: Date) => {
      const signed = await signer.presign(request, { expiresIn: 60, signingDate });
      return `${rig.endpoint}/?${new URLSearchParams(signed.query as Record<string, string>)}`;
    };
    const response = await fetch(await urlOf(new Date()));
    expect(await response.text()).toContain('<imagesSet></imagesSet>');
    const late = await fetch(await urlOf(new Date(Date.now() - 120_000)));
    expect(await late.text()).toContain('<Code>RequestExpired</Code>');
  });

  it('a body above 1 MiB is refused, and the answer arrives', async () => {
    const response = await fetch(rig.endpoint, { method: 'POST', body: 'a'.repeat(2 * 1024 * 1024) });
    expect(response.status).toBe(413);
    expect(await response.text()).toContain('<Code>RequestEntityTooLarge</Code>');
  });

  it('a client that waits for 100 Continue is told to go on', async () => {
    const head =
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n';
    const answer = await exchange(head, (received) =>
      received.includes('100 Continue') ? 'Action=X' : undefined,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 403 /);
  });

  it.each([
    ['nonsense\r\n\r\n', 400, 'InvalidRequest'],
    ['GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n', 400, 'InvalidRequest'],
    ['GET / HTTP/1.1\r\nConnection: close\r\n\r\n', 403, 'MissingAuthenticationToken'],
    [`GET / HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(70_000)}\r\n\r\n`, 431, 'RequestHeaderTooLarge'],
  ])('what is not quite HTTP is answered and hung up (case %#)', async (request, status, code) => {
    const answer = await exchange(request);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain(`<Code>${code}</Code>`);
  });
});

/** Sends raw bytes, answers with `next` while it has something to say, and gives all that came until the end. */
function exchange(
  request: string,
  next: (received: string) => string | undefined = () => undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(rig.port, '127.0.0.1', () => socket.write(request));
    let received = '';
    let said = false;
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      received += chunk;
      const more = said ? undefined : next(received);
      if (more === undefined) return;
      said = true;
      socket.write(more);
    });
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
  });
}
