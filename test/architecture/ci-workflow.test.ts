/** docs/ci/build-images.yml, which users copy, says nothing that the commands don't know. */
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { amiCommand } from '../../src/cli/commands/ami/ami.ts';
import { downCommand } from '../../src/cli/commands/down.ts';
import { targetCommand } from '../../src/cli/commands/target/target.ts';
import { templateCommand } from '../../src/cli/commands/template/template.ts';
import { upCommand } from '../../src/cli/commands/up.ts';
import { read } from './tree.ts';

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>;
}

const workflow = parse(read('docs/ci/build-images.yml')) as Workflow;
const commands = [amiCommand(), targetCommand(), templateCommand(), upCommand(), downCommand()];

test('it runs on a push to templates, weekly, and by hand for chosen templates', () => {
  expect(workflow.on).toMatchObject({
    push: { paths: expect.arrayContaining(['templates/**']) },
    schedule: [{ cron: expect.stringMatching(/^\d+ \d+ \* \* \d$/) }],
    workflow_dispatch: { inputs: { templates: { default: 'all' } } },
  });
});

test('every command in it is there, with every option', () => {
  const scripts = Object.values(workflow.jobs).flatMap(({ steps }) => steps.map(({ run = '' }) => run));
  const lines = scripts.join('\n').replaceAll('\\\n', ' ').split('\n');
  // Options that a script puts together before.
  const collected = lines.flatMap((line) =>
    [...line.matchAll(/which=\((--[\w-]+)/g)].map(([, option]) => option),
  );
  const calls = lines.flatMap((line) =>
    [...line.matchAll(/npx ingot ([^|)]*)/g)].map(([, call = '']) => call),
  );
  expect(calls.length).toBeGreaterThan(8);
  for (const call of calls) {
    const words = call.split(/\s+/);
    const command = words.reduce<{ readonly found?: Command; readonly among: readonly Command[] }>(
      ({ found, among }, word) => {
        const next = among.find((each) => each.name() === word);
        return next === undefined
          ? { ...(found ? { found } : {}), among }
          : { found: next, among: next.commands };
      },
      { among: commands },
    ).found;
    const known = command?.options.flatMap(({ long }) => long ?? []) ?? [];
    const given = [...call.matchAll(/--[\w-]+/g)].map(([option]) => option);
    const all = call.includes('which[@]') ? [...given, ...collected] : given;
    expect(command, `ingot ${call}`).toBeDefined();
    expect(known, `ingot ${call}`).toEqual(expect.arrayContaining(all));
  }
});
