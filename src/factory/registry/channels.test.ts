import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ChannelName, latest } from './channel.ts';
import { currentVersion } from './current-version.ts';
import { findVersions } from './find-versions.ts';
import { earlierImages } from './previous-version.ts';
import { type Promotion, promote } from './promote.ts';
import { recordVersion } from './record-version.ts';
import { parseReference } from './reference.ts';
import { type Rollback, rollBack } from './roll-back.ts';
import { channelMoves } from './set-channel.ts';
import { newVersion, openTestRegistry, type TestRegistry } from './testing/registry.ts';

let registry: TestRegistry;
const at = new Date('2026-02-01T00:00:00.000Z');
const here = { target: 'local', template: 'web', region: 'us-east-1', architecture: 'x86_64' } as const;

beforeEach(async () => {
  registry = await openTestRegistry();
});

afterEach(() => registry.close());

async function inChannel(channel: string, place: Partial<ChannelName> = {}): Promise<string | undefined> {
  return (await currentVersion(registry.db.read, { ...here, channel, ...place }))?.version;
}

async function promoteTo(reference: string, channel = 'stable', given: Partial<Promotion> = {}) {
  const promotion = { target: 'local', force: false, by: 'ann', why: 'tested', at, channel };
  return await promote(registry.db, { ...promotion, reference: parseReference(reference), ...given });
}

async function goBack(given: Partial<Rollback> = {}) {
  const rollback = { target: 'local', template: 'web', channel: 'stable', by: 'ann', why: 'slow', at };
  return await rollBack(registry.db, { ...rollback, ...given });
}

describe('registering', () => {
  test('moves latest, in its region and architecture only', async () => {
    await registry.add({ version: 'v1' });
    await registry.add({ version: 'v2' });
    await registry.add({ version: 'v1', architecture: 'arm64' });
    expect(await inChannel(latest)).toBe('v2');
    expect(await inChannel(latest, { architecture: 'arm64' })).toBe('v1');
    expect(await inChannel(latest, { region: 'eu-west-1' })).toBeUndefined();
  });

  test('again changes nothing, not even a channel that went on since', async () => {
    const first = newVersion({ version: 'v1', imageId: 'ami-0000000000000000a' });
    await recordVersion(registry.db, first);
    await registry.add({ version: 'v2' });
    await recordVersion(registry.db, first);
    expect(await inChannel(latest)).toBe('v2');
    expect(await findVersions(registry.db.read, {})).toHaveLength(2);
  });

  test('refuses a version that another image has here, and leaves latest', async () => {
    await registry.add({ version: 'v1' });
    await registry.add({ version: 'v2' });
    await expect(registry.add({ version: 'v1' })).rejects.toThrow('Give this one another version');
    expect(await inChannel(latest)).toBe('v2');
  });

  test.each(['latest', 'stable'])('refuses a version named as the channel %s', async (version) => {
    await registry.add({ version: 'v1' });
    await promoteTo('web@v1');
    await expect(registry.add({ version })).rejects.toThrow('the name of a channel');
  });

  test('a target of its own has versions and channels of its own', async () => {
    await registry.add({ version: 'v1' });
    await registry.add({ version: 'v1', target: 'aws' });
    await registry.add({ version: 'v2', target: 'aws' });
    expect(await inChannel(latest)).toBe('v1');
    expect(await inChannel(latest, { target: 'aws' })).toBe('v2');
  });
});

describe('promoting', () => {
  test('points the channel to the version everywhere it is', async () => {
    await registry.add({ version: 'v1' });
    await registry.add({ version: 'v1', region: 'eu-west-1' });
    await registry.add({ version: 'v2' });
    const { moves } = await promoteTo('web@v1');
    expect(moves.map(({ region }) => region).sort()).toEqual(['eu-west-1', 'us-east-1']);
    expect(await inChannel('stable')).toBe('v1');
    expect(await inChannel('stable', { region: 'eu-west-1' })).toBe('v1');
  });

  test('takes the latest, another channel, an image, or one region alone', async () => {
    await registry.add({ version: 'v1' });
    const image = await registry.add({ version: 'v2' });
    await registry.add({ version: 'v2', region: 'eu-west-1' });
    await promoteTo('web', 'candidate');
    expect(await inChannel('candidate')).toBe('v2');
    await promoteTo('web@candidate', 'stable', { region: 'eu-west-1' });
    expect(await inChannel('stable')).toBeUndefined();
    expect(await inChannel('stable', { region: 'eu-west-1' })).toBe('v2');
    await promoteTo(image, 'mine');
    expect(await inChannel('mine')).toBe('v2');
    expect(await inChannel('mine', { region: 'eu-west-1' })).toBeUndefined();
  });

  test('refuses an unproven version everywhere, though another region has a proven one', async () => {
    await registry.add({ version: 'v1' });
    await registry.add({ version: 'v1', region: 'eu-west-1', validated: false });
    await expect(promoteTo('web@v1')).rejects.toThrow(/Not proven.*web@v1 in eu-west-1\/x86_64/);
    expect(await inChannel('stable')).toBeUndefined();
  });

  test('forced, takes it, and the history says who, when, why and that it was forced', async () => {
    const image = await registry.add({ version: 'v1', validated: false });
    await promoteTo('web@v1', 'stable', { force: true, why: 'the fix cannot wait' });
    expect(await channelMoves(registry.db.read, { channel: 'stable' })).toEqual([
      {
        ...here,
        channel: 'stable',
        action: 'promoted',
        toImageId: image,
        at: at.toISOString(),
        by: 'ann',
        why: 'the fix cannot wait',
        forced: true,
      },
    ]);
  });

  test('force on a proven version is not recorded as forced', async () => {
    await registry.add({ version: 'v1' });
    const { moves } = await promoteTo('web@v1', 'stable', { force: true });
    expect(moves.map(({ forced }) => forced)).toEqual([false]);
  });

  test('again moves nothing and records nothing', async () => {
    await registry.add({ version: 'v1' });
    await promoteTo('web@v1');
    expect((await promoteTo('web@v1')).moves).toEqual([]);
    expect(await channelMoves(registry.db.read, { channel: 'stable' })).toHaveLength(1);
  });

  test.each([
    ['latest', 'latest follows'],
    ['Stable!', "can't name a channel"],
    ['v1', 'is a version of web'],
  ])('to %s is refused', async (channel, words) => {
    await registry.add({ version: 'v1' });
    await expect(promoteTo('web@v1', channel)).rejects.toThrow(words);
  });

  test('what is not there is refused with what is', async () => {
    await registry.add({ version: 'v1' });
    await expect(promoteTo('web@v3')).rejects.toThrow('Versions: v1. Channels: latest');
    await expect(promoteTo('wob')).rejects.toThrow('No version of wob is registered');
    await expect(promoteTo('ami-0123456789abcdef0')).rejects.toThrow('No version is registered for ami-');
  });
});

describe('rolling back', () => {
  beforeEach(async () => {
    for (const version of ['v1', 'v2', 'v3']) {
      await registry.add({ version });
      await promoteTo(`web@${version}`);
    }
  });

  test('goes one step, and one more, and then there is nothing', async () => {
    await goBack();
    expect(await inChannel('stable')).toBe('v2');
    await goBack();
    expect(await inChannel('stable')).toBe('v1');
    await expect(goBack()).rejects.toThrow('nothing to go back to');
    expect(await inChannel('stable')).toBe('v1');
  });

  test('goes to a version named, forth too, and keeps the whole history', async () => {
    await goBack({ to: 'v1' });
    await goBack({ to: 'v3' });
    expect(await inChannel('stable')).toBe('v3');
    const moves = await channelMoves(registry.db.read, { channel: 'stable' });
    expect(moves.map(({ action }) => action)).toEqual([
      'promoted',
      'promoted',
      'promoted',
      'rolled-back',
      'rolled-back',
    ]);
  });

  test('to a version that the channel never had is refused with those that it had', async () => {
    await registry.add({ version: 'v4' });
    await expect(goBack({ to: 'v4' })).rejects.toThrow('it pointed to v2, v1');
  });

  test('is all or nothing over regions', async () => {
    await registry.add({ version: 'v3', region: 'eu-west-1' });
    await promoteTo('web@v3', 'stable', { region: 'eu-west-1' });
    await expect(goBack()).rejects.toThrow('in eu-west-1/x86_64 has nothing to go back to');
    expect(await inChannel('stable')).toBe('v3');
    await goBack({ region: 'us-east-1' });
    expect(await inChannel('stable')).toBe('v2');
  });

  test('moves latest too, until the next version comes', async () => {
    await goBack({ channel: latest });
    expect(await inChannel(latest)).toBe('v2');
    await registry.add({ version: 'v4' });
    expect(await inChannel(latest)).toBe('v4');
  });

  test('a channel that is not there is refused', async () => {
    await expect(goBack({ channel: 'stabel' })).rejects.toThrow('no channel stabel');
  });
});

test('after any promotions, going back walks through them in reverse, whatever was rolled back between', () => {
  const step = fc.oneof(fc.constantFrom('a', 'b', 'c', 'd'), fc.constant(undefined));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const moves: { action: 'promoted' | 'rolled-back'; toImageId: string }[] = [];
      const model: string[] = [];
      for (const image of steps) {
        if (image === undefined) {
          const [before] = earlierImages(moves);
          if (before === undefined) continue;
          // A model with ids that repeat: what is above the last such image is undone.
          model.length = model.lastIndexOf(before) + 1;
          moves.push({ action: 'rolled-back', toImageId: before });
        } else if (model.at(-1) !== image) {
          model.push(image);
          moves.push({ action: 'promoted', toImageId: image });
        }
      }
      expect(earlierImages(moves)).toEqual(model.slice(0, -1).reverse());
    }),
  );
});
