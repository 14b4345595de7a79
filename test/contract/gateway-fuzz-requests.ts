/** Malformed requests of every kind, as bytes for a socket. */
import { createHash, createHmac } from 'node:crypto';
import { loadEc2Model } from '../../src/ec2/model/ec2-model.ts';
import type { Random } from './gateway-fuzz-random.ts';
import { testKey, testRegion } from './gateway-rig.ts';

export interface FuzzRequest {
  readonly method: string;
  readonly bytes: Buffer;
}

const actionNames = loadEc2Model().actionNames;

/** What stays HTTP, so that the connection goes on: parameters, signatures, verbs, queries. */
export function anyRequest(random: Random): FuzzRequest {
  switch (random.below(10)) {
    case 0:
      return badSignature(random);
    case 1:
      return otherVerb(random);
    case 2:
      return badQuery(random);
    default:
      return signedPost(badForm(random), random);
  }
}

/** What isn't HTTP any more, or ends too early: one connection each. */
export function brokenRequest(random: Random): Buffer {
  const post = signedPost(badForm(random), random).bytes;
  switch (random.below(7)) {
    case 0:
      return random.bytes(random.below(400));
    case 1:
      return post.subarray(0, random.below(post.length));
    case 2:
      return Buffer.concat([
        Buffer.from(`GET /${'a'.repeat(random.below(100_000))} HTTP/1.1\r\n`),
        random.bytes(50),
      ]);
    case 3:
      return Buffer.from('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n');
    case 4:
      return Buffer.from(
        `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${random.pick(['-1', '1e3', '99999999999'])}\r\n\r\n`,
      );
    case 5:
      return Buffer.from(`${random.pick(['CONNECT', 'BREW', 'get', 'PRI'])} / HTTP/1.1\r\nHost: x\r\n\r\n`);
    default:
      return Buffer.concat([
        Buffer.from('POST / HTTP/1.1\r\nHost: x\r\n'),
        random.bytes(80),
        Buffer.from('\r\n\r\n'),
      ]);
  }
}

function badForm(random: Random): Buffer {
  const action =
    random.below(8) === 0 ? badText(random) : (actionNames[random.below(actionNames.length)] ?? '');
  const pairs = Array.from({ length: random.below(6) }, () => [
    badName(random, action),
    '=',
    badText(random),
    '&',
  ]);
  return Buffer.concat(
    [`Action=${action.toString()}&Version=2016-11-15&`, ...pairs.flat()].map((part) => Buffer.from(part)),
  );
}

/** Half of the names begin as the model's do, so that the decoder's insides are reached. */
function badName(random: Random, action: string | Buffer): string | Buffer {
  const members = loadEc2Model().action(action.toString())?.input.members ?? [];
  const known = members[random.below(members.length || 1)]?.queryName ?? 'Filter';
  return random.pick<() => string | Buffer>([
    () => known,
    () => `${known}.${random.pick(['0', '1', '-1', '01', '1e9', '999999999', '99999999999', 'x', ''])}`,
    () =>
      `${known}.1.${random.pick(['Name', 'Value.1', 'Ebs.VolumeSize', '__proto__', 'constructor.prototype.x'])}`,
    () => `${known}${'.1'.repeat(random.below(600))}`,
    () =>
      random.pick(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__proto__.x', '.', '..', '']),
    () => badText(random),
  ])();
}

function badText(random: Random): string | Buffer {
  return random.pick<() => string | Buffer>([
    () => random.pick(['', 'true', '-1', '1e999', 'NaN', '2026-13-45T99:99:99Z', '0000-00-00', 'ami-123']),
    () =>
      random.pick([
        '%',
        '%zz',
        '%ff',
        '%c0%80',
        '%ed%a0%80',
        '%00',
        '%0d%0a',
        '%ef%bf%bf',
        '+',
        '%3c!--%5d%5d%3e',
      ]),
    () => Buffer.from(random.bytes(random.below(30)).filter((byte) => byte !== 0x26 && byte !== 0x3d)),
    () =>
      random.pick(['<a>&lt;"\'', ']]>', '&#0;', '$(reboot)', "'; DROP TABLE images; --", '../../etc/passwd']),
    () => 'x'.repeat(random.below(50) === 0 ? 60_000 : random.below(300)),
  ])();
}

function badSignature(random: Random): FuzzRequest {
  const { bytes } = signedPost(badForm(random), random);
  const text = bytes.toString('latin1');
  const changed = random.pick<() => string>([
    () => text.replace(/Signature=[0-9a-f]{4}/, 'Signature=0000'),
    () => text.replace(/Signature=\w+/, `Signature=${'é'.repeat(random.below(40))}`),
    () => text.replace(/Credential=[^,]+/, `Credential=${'/'.repeat(random.below(9))}`),
    () => text.replace('SignedHeaders=host;x-amz-date', 'SignedHeaders=host;__proto__;constructor'),
    () => text.replace(/X-Amz-Date: \w+/, `X-Amz-Date: ${random.pick(['', '20260230T000000Z', 'now'])}`),
    () => text.replace(/Authorization: .*\r\n/, `Authorization: ${'A='.repeat(random.below(2_000))}\r\n`),
    () =>
      text.replace(/\/us-east-1\/ec2/, `/${random.pick(['us-east-1/sts', 'mars/ec2', 'us-east-1/s3', '/'])}`),
  ])();
  return { method: 'POST', bytes: Buffer.from(changed, 'latin1') };
}

function otherVerb(random: Random): FuzzRequest {
  const method = random.pick([
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'HEAD',
    'TRACE',
    'PROPFIND',
    'LOCK',
    'M-SEARCH',
  ]);
  const body = 'b'.repeat(random.below(200));
  return {
    method,
    bytes: Buffer.from(`${method} /x HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
  };
}

function badQuery(random: Random): FuzzRequest {
  const query = random.pick([
    'Action=DescribeImages',
    '%',
    'X-Amz-Algorithm=AWS4-HMAC-SHA256',
    'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Expires=60&X-Amz-Credential=a/b/c/d/aws4_request',
    `X-Amz-Signature=${'0'.repeat(64)}&X-Amz-Signature=1`,
    `__proto__=1&${'a=b&'.repeat(random.below(2_000))}`,
  ]);
  return { method: 'GET', bytes: Buffer.from(`GET /?${query} HTTP/1.1\r\nHost: x\r\n\r\n`) };
}

/** Signed for real, so that the request comes as far as its parameters allow. */
function signedPost(body: Buffer, random: Random): FuzzRequest {
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, '');
  const service = random.below(30) === 0 ? 'sts' : 'ec2';
  const scope = `${time.slice(0, 8)}/${testRegion}/${service}/aws4_request`;
  const canonical = `POST\n/\n\nhost:x\nx-amz-date:${time}\n\nhost;x-amz-date\n${sha256(body)}`;
  const key = scope.split('/').reduce(hmac, Buffer.from(`AWS4${testKey.secretAccessKey}`));
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString('hex');
  const head =
    `POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Date: ${time}\r\nAuthorization: AWS4-HMAC-SHA256 ` +
    `Credential=${testKey.accessKeyId}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}\r\n` +
    `Content-Length: ${body.length}\r\n\r\n`;
  return { method: 'POST', bytes: Buffer.concat([Buffer.from(head), body]) };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(data: Buffer | string): string {
  return createHash('sha256').update(data).digest('hex');
}
