/** One contract, both buses. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Ec2Fault } from '../../src/ec2/faults.ts';
import { NodeError } from '../../src/node/contract.ts';
import { type Bus, BusError } from '../../src/platform/bus/bus.ts';
import { inProcessBus } from '../../src/platform/bus/in-process.ts';
import { connectNats } from '../../src/platform/bus/nats.ts';
import { wireErrors } from '../../src/server/wire-errors.ts';
import { type NatsServer, startNatsServer } from '../kit/nats-server.ts';

const deadlineMs = 5000;
let nats: NatsServer;

beforeAll(async () => {
  nats = await startNatsServer();
});

afterAll(async () => {
  await nats.stop();
});

async function connectHere(): Promise<Bus> {
  return await connectNats({
    servers: [nats.url],
    errors: wireErrors,
    onError: (error) => {
      throw error;
    },
  });
}

describe.each([
  ['in-process', async () => inProcessBus()],
  ['nats', connectHere],
] as const)('the bus %s', (_, open) => {
  let bus: Bus;

  beforeEach(async () => {
    bus = await open();
  });

  afterEach(async () => {
    await bus.close();
  });

  test('a request is answered with what the handler returns, dates, bytes and absences intact', async () => {
    await bus.serve('echo', async (message) => message);
    const message = {
      at: new Date(5),
      bytes: new Uint8Array([1, 0, 255]),
      list: [1n, null],
      nothing: undefined,
    };
    expect(await bus.request('echo', message, { deadlineMs })).toEqual(message);
  });

  test('a handler on a wildcard learns the subject it was asked on', async () => {
    await bus.serve('node.n1.*', async (_message, subject) => subject);
    expect(await bus.request('node.n1.start', {}, { deadlineMs })).toBe('node.n1.start');
  });

  test('members of a queue group share requests: each is handled once', async () => {
    let handled = 0;
    const handler = async () => {
      handled += 1;
    };
    await bus.serve('work', handler, { queue: 'workers' });
    await bus.serve('work', handler, { queue: 'workers' });
    await Promise.all(Array.from({ length: 10 }, () => bus.request('work', 1, { deadlineMs })));
    expect(handled).toBe(10);
  });

  test('a NodeError crosses with its kind, an Ec2Fault with its code and status', async () => {
    await bus.serve('node', async () => {
      throw new NodeError('disk-full', 'no space on /data');
    });
    await bus.serve('cloud', async () => {
      throw new Ec2Fault('InvalidAMIID.NotFound', 'no such image', { status: 418 });
    });
    const nodeError = await bus.request('node', {}, { deadlineMs }).catch((error: unknown) => error);
    expect(nodeError).toBeInstanceOf(NodeError);
    expect(nodeError).toMatchObject({ kind: 'disk-full', message: 'no space on /data' });
    const fault = await bus.request('cloud', {}, { deadlineMs }).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Ec2Fault);
    expect(fault).toMatchObject({ code: 'InvalidAMIID.NotFound', status: 418 });
  });

  test('a BusError that a handler met crosses as one', async () => {
    await bus.serve('relay', () => bus.request('nowhere', {}, { deadlineMs }));
    await expect(bus.request('relay', {}, { deadlineMs })).rejects.toThrow(BusError);
  });

  test('any other error crosses with its name and message', async () => {
    await bus.serve('odd', async () => {
      throw new RangeError('too far');
    });
    await expect(bus.request('odd', {}, { deadlineMs })).rejects.toMatchObject({
      name: 'RangeError',
      message: 'too far',
    });
  });

  test('a request that nobody serves fails at once as no-responder', async () => {
    await expect(bus.request('nobody', {}, { deadlineMs: 600_000 })).rejects.toMatchObject({
      name: 'BusError',
      kind: 'no-responder',
    });
  });

  test('a request after its server stopped serving fails as no-responder', async () => {
    const stop = await bus.serve('brief', async () => 1);
    await stop();
    await expect(bus.request('brief', {}, { deadlineMs })).rejects.toMatchObject({ kind: 'no-responder' });
  });

  test('an answer after the deadline is dropped, and the next request gets its own', async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await bus.serve('slow', async (message) => {
      if (message === 'first') await released;
      return message;
    });
    await expect(bus.request('slow', 'first', { deadlineMs: 30 })).rejects.toMatchObject({
      kind: 'deadline',
    });
    release();
    expect(await bus.request('slow', 'second', { deadlineMs })).toBe('second');
  });

  test('what is published reaches every subscriber', async () => {
    const first = Promise.withResolvers<unknown>();
    const second = Promise.withResolvers<unknown>();
    await bus.subscribe('events.*', first.resolve);
    await bus.subscribe('events.*', (message, subject) => second.resolve([message, subject]));
    bus.publish('events.changed', { id: 7 });
    expect(await first.promise).toEqual({ id: 7 });
    expect(await second.promise).toEqual([{ id: 7 }, 'events.changed']);
  });

  test('a closed bus refuses requests as closed', async () => {
    await bus.close();
    await expect(bus.request('echo', {}, { deadlineMs })).rejects.toMatchObject({ kind: 'closed' });
  });
});

describe('the bus over NATS', () => {
  test('a message of half the limit crosses, one over it is refused with the limit', async () => {
    const bus = await connectHere();
    await bus.serve('grow', async (size) => new Uint8Array(size as number));
    await bus.serve('take', async (message) => (message as Uint8Array).byteLength);
    expect(await bus.request('take', new Uint8Array(500_000), { deadlineMs })).toBe(500_000);
    await expect(bus.request('take', new Uint8Array(2_000_000), { deadlineMs })).rejects.toThrow(
      'max_payload',
    );
    await expect(bus.request('grow', 2_000_000, { deadlineMs })).rejects.toThrow('max_payload');
    await bus.close();
  });

  test('two processes find each other, and again after the NATS server was restarted', async () => {
    const server = await connectHere();
    const client = await connectHere();
    await server.serve('ping', async () => 'pong');
    expect(await client.request('ping', {}, { deadlineMs })).toBe('pong');
    await nats.restart();
    const deadline = Date.now() + 20_000;
    const again = async (): Promise<unknown> => {
      try {
        return await client.request('ping', {}, { deadlineMs: 500 });
      } catch (error) {
        if (Date.now() > deadline) throw error;
        return await again();
      }
    };
    expect(await again()).toBe('pong');
    await Promise.all([server.close(), client.close()]);
  });

  test('a server that is not there is named, without its credentials', async () => {
    const options = { servers: ['nats://user:secret@127.0.0.1:1'], errors: {}, onError: () => {} };
    await expect(connectNats(options)).rejects.toThrow('No NATS server answers at nats://127.0.0.1:1');
  });
});
