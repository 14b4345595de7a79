/** The targets of a home: `local`, which its own server is, and those of `targets.yaml`, read again when it changes. */
import { nearest } from '../../platform/nearest.ts';
import { FactoryError } from '../factory-error.ts';
import { loginInWords } from './aws-login.ts';
import { type LocalCloud, openTarget } from './open-target.ts';
import { type TargetSettings, targetName } from './settings.ts';
import type { Target, TargetSummary, Targets } from './target.ts';
import { type TargetsByName, targetsFile } from './targets-file.ts';

export interface TargetsOptions {
  /** Absolute: the home. */
  readonly directory: string;
  readonly local: LocalCloud;
}

const localName = 'local';

export function openTargets({ directory, local }: TargetsOptions): Targets {
  const file = targetsFile(directory);
  const open = new Map<string, { readonly settings: string; readonly target: Target }>();
  const all = async (): Promise<TargetsByName> => ({
    [localName]: { kind: 'local' },
    ...(await file.read()),
  });
  /** One that didn't change keeps its clients. */
  const opened = (name: string, settings: TargetSettings): Target => {
    const text = JSON.stringify(settings);
    const known = open.get(name);
    if (known?.settings === text) return known.target;
    const target = openTarget(name, settings, local);
    open.set(name, { settings: text, target });
    return target;
  };
  const settingsOf = async (name: string) => {
    const known = await all();
    const settings = known[name];
    if (settings !== undefined) return settings;
    const names = Object.keys(known);
    const near = nearest(name, names);
    const hint = near === undefined ? `There are ${names.join(', ')}` : `Did you mean ${near}?`;
    throw new FactoryError('not-found', `There is no target '${name}'. ${hint}`);
  };
  return {
    get: async (name) => opened(name, await settingsOf(name)),
    list: async () => Object.entries(await all()).map(([name, settings]) => opened(name, settings)),
    describe: async () =>
      Object.entries(await all()).map(([name, settings]) => summary(opened(name, settings), settings, local)),
    async add(name, settings, { replace = false } = {}) {
      refuseName(name, settings);
      if (!replace && (await file.read())[name] !== undefined) {
        throw new FactoryError(
          'conflict',
          `There is a target '${name}'; --replace puts this one in its place`,
        );
      }
      await file.write(name, settings);
      return opened(name, settings);
    },
    async remove(name) {
      await settingsOf(name);
      if ((await file.read())[name] === undefined) {
        throw new FactoryError('invalid', `The target '${name}' is built in and can't be removed`);
      }
      await file.remove(name);
      open.delete(name);
    },
  };
}

function refuseName(name: string, settings: TargetSettings): void {
  const rule = targetName.safeParse(name).error?.issues[0]?.message;
  if (rule !== undefined) throw new FactoryError('invalid', `A target's name ${rule}; '${name}' isn't`);
  if ((name === localName) !== (settings.kind === 'local')) {
    throw new FactoryError(
      'invalid',
      `The target of the kind local is the one named ${localName}, and no other`,
    );
  }
}

function summary(target: Target, settings: TargetSettings, local: LocalCloud): TargetSummary {
  const { name, kind, regions, builder } = target;
  const login = settings.kind === 'local' ? "this server's own" : loginInWords(settings);
  const endpoint = { local: local.endpoint, aws: 'AWS', endpoint: 'url' in settings ? settings.url : '' }[
    kind
  ];
  return { name, kind, endpoint, login, regions, builder };
}
