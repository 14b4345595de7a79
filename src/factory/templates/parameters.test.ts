/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: templates write parameters so */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LoadOptions, loadTemplate } from './load-template.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ingot-parameters-'));
});
afterAll(() => rm(directory, { recursive: true }));

async function load(text: string, options: Partial<LoadOptions> = {}) {
  const file = join(directory, 'web.yml');
  await writeFile(file, text);
  return await loadTemplate(file, { directories: [directory], ...options });
}

const text = `name: Web \${{ parameters.flavour }}
base_ami: {source: tiny}
parameters:
  port: {type: number, default: 8080}
  flavour: {choices: [plain, rich]}
  page: {default: hello}
ports: [22, "\${{ parameters.port }}"]
steps:
  - {name: page, run: 'echo "$page" > index.html'}
  - {name: none, run: echo nothing}
validation_tests: [{name: served, command: 'wget -qO- localhost:$port'}]
`;

test('a field takes a value with its type, a script reads it as a variable', async () => {
  const template = await load(text, { parameters: { flavour: 'rich', page: "it's $(here)" } });
  expect(template.name).toBe('Web rich');
  expect(template.ports).toEqual([22, 8080]);
  expect(template.steps[0]?.run).toBe('echo "$page" > index.html');
  expect(template.steps[0]?.environment).toEqual({ page: "it's $(here)" });
  expect(template.validations[0]?.environment).toEqual({ port: '8080' });
  expect(template.parameters).toEqual({ port: 8080, flavour: 'rich', page: "it's $(here)" });
});

test('a step that does not name a parameter does not get it', async () => {
  const template = await load(text, { parameters: { flavour: 'rich' } });
  expect(template.steps[1]?.environment).toEqual({});
});

test('a value is read as its type', async () => {
  const template = await load(text, { parameters: { flavour: 'plain', port: '81' } });
  expect(template.ports).toEqual([22, 81]);
  await expect(load(text, { parameters: { flavour: 'plain', port: 'web' } })).rejects.toThrow(
    "web.yml:4:3: parameters.port: is 'web', but must be a number",
  );
});

test('a value that must be given, is not allowed, or that nothing asks for is refused', async () => {
  await expect(load(text)).rejects.toThrow(
    'parameters.flavour: has no default, so a value must be given: --param flavour=…',
  );
  await expect(load(text, { parameters: { flavour: 'rch' } })).rejects.toThrow(
    "parameters.flavour: is 'rch', but must be one of plain, rich; did you mean rich?",
  );
  await expect(load(text, { parameters: { flavour: 'rich', pge: 'x' } })).rejects.toThrow(
    "the template has no 'pge'. Did you mean page?",
  );
});

test('a template can be looked at before anyone chose', async () => {
  expect((await load(text, { examples: true })).name).toBe('Web plain');
});

test('a value never becomes code: a script with a placeholder is refused', async () => {
  await expect(
    load(
      'name: W\nbase_ami: {source: tiny}\nparameters: {v: {default: x}}\nsetup_script: echo ${{ parameters.v }}\n',
    ),
  ).rejects.toThrow('web.yml:4:1: setup_script: scripts read parameters as variables: write "$v" instead');
});

test('a placeholder that names nothing is refused with the nearest name', async () => {
  await expect(load(text.replace('parameters.port', 'parameters.prt'))).rejects.toThrow(
    'web.yml:7:13: ports[1]: there is no parameter prt; did you mean port?',
  );
  await expect(load(text.replace('parameters.port', 'port'))).rejects.toThrow(
    'ports[1]: ${{ port }} is not known; only ${{ parameters.NAME }} is',
  );
});

test('a secret is named by the file that holds it, reaches scripts alone, and is in no digest', async () => {
  const secret = `name: W
base_ami: {source: tiny}
parameters: {token: {secret: true}}
steps: [{name: fetch, run: 'curl -H "$token" example.com'}, {name: other, run: 'true'}]
`;
  await expect(load(secret, { parameters: { token: 'hunter2' } })).rejects.toThrow(
    'parameters.token: is secret: give the absolute path of a file that holds it',
  );
  const template = await load(secret, { parameters: { token: '@/run/token' } });
  expect(template.steps[0]?.secrets).toEqual([{ name: 'token', file: '/run/token' }]);
  expect(template.steps[1]?.secrets).toEqual([]);
  expect(template.parameters).toEqual({});
  expect((await load(secret, { parameters: { token: '@/other' } })).digest).toBe(template.digest);
  await expect(
    load(`${secret}tags: {t: "\${{ parameters.token }}"}\n`, { parameters: { token: '@/x' } }),
  ).rejects.toThrow('the parameter token is secret: only scripts read it');
});
