/** The targets of a home: `local`, which its own server is, and those of `targets.yaml`, read again when it changes. */
import { nearest } from '../../platform/nearest.ts';
import { FactoryError } from '../factory-error.ts';
import { loginInWords } from './aws-login.ts';
import { type LocalCloud, openTarget } from './open-target.ts';
import { type TargetSettings, targetName } from './settings.ts';
import type { Target, TargetSummary, Targets } from './target.ts';
import { targetsFile } from './targets-file.ts';

export interface TargetsOptions {
  /** Absolute: the home. */
  readonly directory: string;
  readonly local: LocalCloud;
}

const localName = 'local';

export function openTargets({ directory, local }: TargetsOptions): Targets {
  const file = targetsFile(directory);
  /** An account has few keys, and its clients stay open as those of the targets do. */
  const byKeys = new Map<string, Targets>();
  const open = new Map<string, { readonly settings: string; readonly target: Target }>();
  const all = async () => {
    const { settings, mistakes } = await file.read();
    const builtIn: TargetSettings = { kind: 'local' };
    return { settings: localName in mistakes ? settings : { [localName]: builtIn, ...settings }, mistakes };
  };
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
    const { settings, mistakes } = await all();
    const found = settings[name];
    if (found !== undefined) return found;
    const mistake = mistakes[name];
    if (mistake !== undefined) throw new FactoryError('invalid', mistake);
    const names = Object.keys(settings);
    const near = nearest(name, names);
    const hint = near === undefined ? `There are ${names.join(', ')}` : `Did you mean ${near}?`;
    throw new FactoryError('not-found', `There is no target '${name}'. ${hint}`);
  };
  const isInFile = async (name: string) => {
    const { settings, mistakes } = await file.read();
    return name in settings || name in mistakes;
  };
  return {
    get: async (name) => opened(name, await settingsOf(name)),
    withKeys(keys) {
      const id = JSON.stringify([keys.accessKeyId, keys.secretAccessKey]);
      const known = byKeys.get(id) ?? openTargets({ directory, local: { ...local, credentials: keys } });
      byKeys.set(id, known);
      return known;
    },
    async describe() {
      const { settings, mistakes } = await all();
      const found = Object.entries(settings);
      return {
        targets: found.map(([name, each]) => summary(opened(name, each), each, local)),
        mistakes: Object.entries(mistakes).map(([name, message]) => ({ name, message })),
      };
    },
    async add(name, settings, { replace = false } = {}) {
      refuseName(name, settings);
      if (!replace && (await isInFile(name))) {
        throw new FactoryError(
          'conflict',
          `There is a target '${name}'; --replace puts this one in its place`,
        );
      }
      await file.write(name, settings);
      return opened(name, settings);
    },
    async remove(name) {
      if (!(await isInFile(name))) {
        await settingsOf(name);
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
