/** The factory's main job on a real machine: build, prove, change the last step, build again. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostArchitecture } from '../../../src/cli/bases.ts';
import { type CloudHome, openCloudHome } from '../cloud-home.ts';
import type { BuildBody } from './factory-rig.ts';

let home: CloudHome;

beforeEach(async () => {
  home = await openCloudHome();
  await home.addBase('tiny', hostArchitecture());
});

afterEach(async ({ task }) => {
  await home.close({ keep: task.result?.state === 'fail' });
});

const template = (last: string) => `
name: Real
description: Built on a real machine
base_ami: {source: tiny, architecture: [${hostArchitecture()}]}
parameters:
  word: {default: hello}
  pass: {secret: true}
steps:
  - name: first
    files: [{source: given.txt, target: /opt/}]
    run: |
      echo "the word is $word"
      printf '%s' "$word" > /opt/word
      [ "$pass" = open-sesame ] && echo "pass is $pass" && echo known > /opt/known
  - name: last
    run: |
      #!/bin/sh
      set -eu
      echo ${last} > /opt/last
validation_tests:
  - {name: the word, command: cat /opt/word, expected: hello}
  - {name: the file, command: cat /opt/given.txt, expected_contains: given}
  - {name: the secret was known, command: cat /opt/known, matches: ^kno}
  - {name: the last step, command: cat /opt/last, expected: ${last}}
  - {name: another status, command: exit 3, status: 3}
`;

test('a real image is built, proven and registered; a changed last step takes the rest from the cache', {
  timeout: 900_000,
}, async () => {
  const file = join(home.folder, 'real.yml');
  await writeFile(join(home.folder, 'given.txt'), 'given by a file');
  await writeFile(join(home.folder, 'pass.txt'), 'open-sesame\n');
  const first = await build(file, template('one'));
  expect(first).toMatchObject({ status: 'succeeded', error: null, left_over: [] });
  expect(first.steps.map(({ cached }) => cached)).toEqual([false, false]);
  const log = await (await send('GET', `/builds/${first.build_id}/log`)).text();
  expect(log).toContain('the word is hello');
  expect(log).toContain('pass is •••');
  expect(log).not.toContain('open-sesame');

  const second = await build(file, template('two'));
  expect(second.steps.map(({ cached }) => cached)).toEqual([true, false]);
  expect(second.validation_results.every(({ status }) => status === 'passed')).toBe(true);
});

async function build(file: string, text: string): Promise<BuildBody> {
  await writeFile(file, text);
  const request = { template: file, parameters: { pass: `@${join(home.folder, 'pass.txt')}` } };
  const begun = (await (await send('POST', '/builds', request)).json()) as BuildBody;
  for (;;) {
    const now = (await (await send('GET', `/builds/${begun.build_id}`)).json()) as BuildBody;
    if (now.status !== 'running' && now.status !== 'ending') return now;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function send(method: string, path: string, body?: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${home.context.token}`, 'content-type': 'application/json' };
  const response = await fetch(`${home.context.url}/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(await response.text());
  return response;
}
