/** The completion scripts, run by the shells that they are for; `ingot` itself is a script that knows three names. */
import { execFile } from 'node:child_process';
import { access, chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bashScript } from '../../src/cli/completion/bash.ts';
import { fishScript } from '../../src/cli/completion/fish.ts';
import { placesOf } from '../../src/cli/completion/places.ts';
import { zshScript } from '../../src/cli/completion/zsh.ts';
import { ingotProgram } from '../../src/cli/program.ts';

let folder: string;
let trap: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-completion-'));
  trap = join(folder, 'sprung');
  const places = placesOf(ingotProgram());
  await writeFile(join(folder, 'bash'), bashScript(places));
  await writeFile(join(folder, 'zsh'), zshScript(places));
  await writeFile(join(folder, 'fish'), fishScript(places));
  const names = `case "$*" in 'list --quiet') printf 'web\\nworker\\n$(touch ${trap})\\n' ;; esac`;
  await writeFile(join(folder, 'ingot'), `#!/bin/sh\n${names}\n`);
  await chmod(join(folder, 'ingot'), 0o755);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** What a shell offers for the last word. */
const offered = {
  bash: async (words: readonly string[]) =>
    await run('bash', [
      '-c',
      `source ${folder}/bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _ingot; printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      ...words,
    ]),
  // The functions that zsh itself brings print what they are given.
  zsh: async (words: readonly string[]) =>
    await run('zsh', [
      '-fc',
      `compdef() { : }
       _describe() { print -l -- \${\${(P)2}%%:*} }
       compadd() { if [[ $1 == -a ]]; then print -l -- \${(P)2}; else shift; print -l -- "$@"; fi }
       source ${folder}/zsh; words=("$@"); CURRENT=$#; _ingot`,
      'zsh',
      ...words,
    ]),
  fish: async (words: readonly string[]) => {
    const lines = await run('fish', [
      '-c',
      `source ${folder}/fish; complete -C "$argv[1]"`,
      '--',
      words.join(' '),
    ]);
    return lines.map((line) => line.split('\t')[0] ?? '');
  },
};

async function run(program: string, given: readonly string[]): Promise<readonly string[]> {
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, HOME: folder };
  const { stdout } = await promisify(execFile)(program, [...given], { env });
  return stdout.split('\n').filter((line) => line !== '');
}

const shells = Object.entries(offered);

test.each(shells)('%s completes commands, their options and what these take', async (_, offer) => {
  expect(await offer(['ingot', ''])).toEqual(
    expect.arrayContaining(['launch', 'ami', 'token', 'completion']),
  );
  expect([...(await offer(['ingot', 'token', '']))].sort()).toEqual(['add', 'list', 'remove']);
  expect(await offer(['ingot', 'token', 'ls', '--'])).toEqual(expect.arrayContaining(['--json', '--quiet']));
  const roles = [...(await offer(['ingot', 'token', 'add', 'ci', '--role', '']))].sort();
  expect(roles).toEqual(['admin', 'operator', 'viewer']);
});

test.each(shells)('%s asks Ingot for names, and runs nothing that one of them says', async (_, offer) => {
  for (const words of [['start'], ['start', 'web'], ['stop', '--region', 'eu-west-1']]) {
    const names = await offer(['ingot', ...words, '']);
    expect(names).toEqual(expect.arrayContaining(['web', 'worker']));
    expect(names).toHaveLength(3);
  }
  await expect(access(trap)).rejects.toThrow('ENOENT');
});

test.each(shells)('%s offers nothing where anything can stand', async (_, offer) => {
  expect(await offer(['ingot', 'token', 'add', ''])).toEqual([]);
});
