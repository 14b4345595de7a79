import type { Factory } from '../factory.ts';
import { cleanUp } from './cleanup.ts';

/** On every target, by the rules in force. One that does not answer holds up no other. */
export async function cleanUpEverywhere(factory: Factory): Promise<void> {
  for (const { name: target } of (await factory.targets.describe()).targets) {
    try {
      const { steps } = await cleanUp(factory, { target, rules: {} }, {});
      const counts = Map.groupBy(steps, ({ what }) => what);
      const done = Object.fromEntries([...counts].map(([what, those]) => [what, those.length]));
      factory.log.info({ target, ...done }, 'Images were cleaned up');
    } catch (error) {
      factory.log.error({ err: error, target }, 'Images could not be cleaned up');
    }
  }
}
