import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadTemplate } from './load-template.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-extends-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function load(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text);
  return await loadTemplate(join(directory, Object.keys(files)[0] ?? ''), { directories: [directory] });
}

const parent = `name: Base
base_ami: {source: debian-12, architecture: x86_64}
regions: [us-east-1, us-west-2]
setup_script: apt-get update
steps:
  - {name: packages, run: apt-get install nginx}
  - {name: pages, run: echo old}
validation_tests: [{name: up, command: a}]
ports: [80]
tags: {Team: web, Stage: base}
clean: {logs: false}
ami_config: {strategy: ami_required, amis: {us-east-1: {x86_64: ami-1}}}
`;

test('a child adds to its parent: steps after steps, maps key by key, ports together', async () => {
  const template = await load({
    'child.yml': `name: Child
extends: base
regions: [eu-west-1]
setup_script: echo child
steps: [{name: pages, run: echo new}, {name: more, run: echo more}]
validation_tests: [{name: up, command: b}, {name: served, command: c}]
ports: [443]
tags: {Stage: child}
`,
    'base.yml': parent,
  });
  expect(template).toMatchObject({
    name: 'Child',
    base: { kind: 'alias', source: 'debian-12' },
    regions: ['eu-west-1'],
    ports: [80, 443],
    tags: { Team: 'web', Stage: 'child' },
    clean: { logs: false, hostKeys: true },
  });
  expect(template.steps.map(({ name, run }) => [name, run])).toEqual([
    ['setup-base', 'apt-get update'],
    ['packages', 'apt-get install nginx'],
    ['pages', 'echo new'],
    ['setup-child', 'echo child'],
    ['more', 'echo more'],
  ]);
  expect(template.validations.map(({ name, command }) => [name, command])).toEqual([
    ['up', 'b'],
    ['served', 'c'],
  ]);
});

test("a parent's own images are not its child's", async () => {
  const { amiConfig } = await load({ 'child.yml': 'name: Child\nextends: ./base.yml\n', 'base.yml': parent });
  expect(amiConfig).toEqual({ amis: {}, strategy: 'ami_required' });
});

test('a child of a saved template starts from the image that was saved', async () => {
  const { base, amiConfig } = await load({
    'child.yml': 'name: Child\nextends: saved\nsteps: [{name: a, run: b}]\n',
    'saved.yml': 'name: s\nbase: saved-instance\nami_config: {amis: {us-east-1: {arm64: ami-0a}}}\n',
  });
  expect(base).toMatchObject({
    kind: 'saved-instance',
    images: { 'us-east-1': { arm64: 'ami-0a' } },
    architectures: ['arm64'],
  });
  expect(amiConfig.amis).toEqual({});
});

test('a child can start from another base than its parent', async () => {
  const { base } = await load({
    'child.yml': 'name: Child\nextends: saved\nbase_ami: {source: tiny, architecture: arm64}\n',
    'saved.yml': 'name: s\nbase: saved-instance\nami_config: {amis: {us-east-1: {x86_64: ami-0a}}}\n',
  });
  expect(base).toEqual({ kind: 'alias', source: 'tiny', architectures: ['arm64'] });
});

test('templates that extend each other are refused with the circle', async () => {
  const files = { 'a.yml': 'name: A\nextends: b\n', 'b.yml': 'name: B\nextends: a.yml\n' };
  await expect(load(files)).rejects.toThrow('b.yml:2:1: extends: goes in a circle: a → b → a.');
});

test('a parent that is not there is told where the child names it', async () => {
  await expect(load({ 'a.yml': 'name: A\nextends: ./gone.yml\n' })).rejects.toThrow(
    /a\.yml:2:1: extends: There is no file .*gone\.yml/,
  );
});

test("a parent's mistakes are told in the parent's file", async () => {
  await expect(load({ 'a.yml': 'name: A\nextends: b\n', 'b.yml': 'name: B\nport: 1\n' })).rejects.toThrow(
    /b\.yml:2:1: port: is not a known field/,
  );
});
