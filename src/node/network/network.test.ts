import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { claimPrefix } from './claim-prefix.ts';
import { parseForwards } from './forwards.ts';
import { freeAddress } from './free-address.ts';
import { lowestPortFor } from './lowest-free-port.ts';
import { expandRules, hostPortChoices } from './ports.ts';
import { servedAddresses } from './subnet.ts';

describe('port rules', () => {
  test('become single ports, each once', () => {
    const { ports, closed } = expandRules([
      { protocol: 'tcp', fromPort: 22, toPort: 22 },
      { protocol: 'tcp', fromPort: 22, toPort: 24 },
      { protocol: 'udp', fromPort: 53, toPort: 53 },
    ]);
    expect(ports.map(({ protocol, guestPort }) => `${protocol} ${guestPort}`)).toEqual([
      'tcp 22',
      'tcp 23',
      'tcp 24',
      'udp 53',
    ]);
    expect(closed).toEqual([]);
  });

  test.each([
    [1, 65_535, /65535 ports are more than the 100/],
    [0, 22, /no range/],
    [30, 20, /no range/],
  ])('%d to %d is not opened, with the reason', (fromPort, toPort, reason) => {
    const { ports, closed } = expandRules([{ protocol: 'tcp', fromPort, toPort }]);
    expect(ports).toEqual([]);
    expect(closed[0]?.reason).toMatch(reason);
  });
});

test.each([
  [22, 0, [22, 10_022, 20_022]],
  [22, 1024, [10_022, 20_022]],
  [8080, 1024, [8080, 18_080, 28_080]],
  [60_022, 1024, [60_022, 10_022, 20_022]],
])('guest port %d with ports free from %d is tried at %j', (guestPort, lowestFreePort, expected) => {
  expect(hostPortChoices({ protocol: 'tcp', guestPort }, { lowestFreePort, wanted: [] })).toEqual(expected);
});

test('a port is never mapped to one that another rule speaks of', () => {
  const wanted = [{ protocol: 'tcp', guestPort: 10_022 }] as const;
  expect(hostPortChoices({ protocol: 'tcp', guestPort: 22 }, { lowestFreePort: 1024, wanted })).toEqual([
    20_022, 30_022,
  ]);
});

test("reads QEMU's list of forwards", () => {
  const text = [
    'Hub -1 (net0):',
    '  Protocol[State]    FD  Source Address  Port   Dest. Address  Port RecvQ SendQ',
    '  TCP[HOST_FORWARD]  22      127.83.5.2 10022     172.31.5.20    22     0     0',
    '  TCP[ESTABLISHED]   25     172.31.5.20   443         1.2.3.4 40000     0     0',
    '  UDP[HOST_FORWARD]  23      127.83.5.2    53     172.31.5.20    53     0     0',
  ].join('\r\n');
  expect(parseForwards(text)).toEqual([
    { protocol: 'tcp', hostPort: 10_022, guestPort: 22 },
    { protocol: 'udp', hostPort: 53, guestPort: 53 },
  ]);
});

test.each([
  ['172.31.0.0/20', '172.31.0.1', '172.31.0.3'],
  ['10.0.5.77/24', '10.0.5.1', '10.0.5.3'],
  ['172.31.240.0/20', '172.31.240.1', '172.31.240.3'],
])('%s has its gateway at %s and its resolver at %s', (subnet, gateway, nameServer) => {
  expect(servedAddresses(subnet)).toEqual({ gateway, nameServer });
});

test.each(['', '10.0.0.0', '10.0.0.0/33', '300.0.0.0/24'])("'%s' is no subnet", (subnet) => {
  expect(() => servedAddresses(subnet)).toThrow(/no subnet/);
});

test('an address that was just in use is not given again at once', () => {
  expect(freeAddress('127.83.5', new Set(), undefined)).toBe('127.83.5.2');
  expect(freeAddress('127.83.5', new Set(), '127.83.5.2')).toBe('127.83.5.3');
  expect(freeAddress('127.83.5', new Set(['127.83.5.254']), '127.83.5.253')).toBe('127.83.5.2');
  const all = new Set(Array.from({ length: 253 }, (_, index) => `127.83.5.${index + 2}`));
  expect(() => freeAddress('127.83.5', all, undefined)).toThrow(/all 253 addresses/);
});

test.each([
  ['root with the capability', 'Uid:\t0\t0\nCapEff:\t000001ffffffffff\nCapAmb:\t0', 0],
  ['root in a container without it', 'Uid:\t0\t0\nCapEff:\t0000000000000000\nCapAmb:\t0', 1024],
  ['a user', 'Uid:\t1000\t1000\nCapEff:\t0\nCapAmb:\t0', 1024],
  ['a user whose own capability QEMU would not get', 'Uid:\t1000\t1000\nCapEff:\t400\nCapAmb:\t0', 1024],
  ['a user with an ambient one', 'Uid:\t1000\t1000\nCapEff:\t400\nCapAmb:\t400', 0],
])('%s', (_, status, expected) => {
  expect(lowestPortFor({ status, unprivilegedStart: 1024 })).toBe(expected);
});

test('two homes never share a network, and each finds its own again', async () => {
  const [first, second] = [await home(), await home()];
  // A network of this test's own, so that nobody else's homes are in the way.
  const publicNetwork = '127.211';
  const one = await claimPrefix({ directory: first, publicNetwork, inUse: undefined });
  const other = await claimPrefix({ directory: second, publicNetwork, inUse: undefined });
  expect(one.prefix).not.toBe(other.prefix);
  await one.release();
  const again = await claimPrefix({ directory: first, publicNetwork, inUse: undefined });
  expect(again.prefix).toBe(one.prefix);
  await expect(claimPrefix({ directory: second, publicNetwork, inUse: again.prefix })).rejects.toThrow(
    /another Ingot server holds/,
  );
  await again.release();
  await other.release();
});

async function home(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ingot-claim-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
