import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type LoadOptions, listTemplates, loadTemplate } from './load-template.ts';
import { TemplateErrors } from './template-errors.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ingot-templates-'));
});
afterAll(() => rm(folder, { recursive: true }));

let counter = 0;

/** Writes the files into a folder of their own and loads the first. */
async function load(files: Readonly<Record<string, string>>, options: Partial<LoadOptions> = {}) {
  counter += 1;
  const directory = join(folder, String(counter));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const first = Object.keys(files)[0] ?? '';
  return await loadTemplate(join(directory, first), { directories: [directory], ...options });
}

async function problemsOf(files: Readonly<Record<string, string>>, options?: Partial<LoadOptions>) {
  const error = await load(files, options).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TemplateErrors)) throw new Error(`No template errors, but ${String(error)}`);
  return error.problems.map(({ line, column, field, message }) => `${line}:${column} ${field}: ${message}`);
}

const smallest = 'name: Web\nbase_ami: {source: tiny}\n';

const research = `name: "R Research"
description: R with a server
base_ami:
  source: ubuntu-22.04-lts
  architecture: [x86_64, arm64]
regions: [us-east-1, us-west-2]
setup_script: |
  #!/bin/bash
  set -euo pipefail
  apt-get install -y r-base
validation_tests:
  - name: server
    command: systemctl is-active rstudio-server
    expected: active
  - name: login
    command: id ubuntu
    expected_contains: ubuntu
ports: [22, 8787]
estimated_cost_per_hour: {x86_64: 0.0464, arm64: 0.0368}
tags: {Team: research, Cores: 4}
`;

test('a setup script is one step, and every field of the older form is read', async () => {
  const template = await load({ 'r-research.yml': research });
  expect(template).toMatchObject({
    slug: 'r-research',
    name: 'R Research',
    base: { kind: 'alias', source: 'ubuntu-22.04-lts', architectures: ['x86_64', 'arm64'] },
    regions: ['us-east-1', 'us-west-2'],
    validations: [
      { name: 'server', expected: 'active' },
      { name: 'login', expectedContains: 'ubuntu' },
    ],
    ports: [22, 8787],
    estimatedCostPerHour: { x86_64: 0.0464, arm64: 0.0368 },
    tags: { Team: 'research', Cores: '4' },
  });
  expect(template.steps).toHaveLength(1);
  expect(template.steps[0]).toMatchObject({
    name: 'setup-r-research',
    run: '#!/bin/bash\nset -euo pipefail\napt-get install -y r-base\n',
    cache: { use: true },
    line: 7,
  });
});

test('a saved template keeps where it came from, and starts from its own images', async () => {
  const { base, amiConfig } = await load({
    'custom.yml': `name: custom
base: saved-instance
source: saved-from-instance
original_instance: my-analysis
saved_from: my-analysis
saved_date: "2026-01-15T10:30:00Z"
ami_config:
  amis:
    us-west-2: {x86_64: ami-0xyz7890}
    us-east-2: {x86_64: ami-0abc1234}
`,
  });
  const images = { 'us-west-2': { x86_64: 'ami-0xyz7890' }, 'us-east-2': { x86_64: 'ami-0abc1234' } };
  expect(amiConfig).toEqual({ amis: images });
  expect(base).toEqual({
    kind: 'saved-instance',
    source: 'saved-from-instance',
    originalInstance: 'my-analysis',
    savedFrom: 'my-analysis',
    savedDate: '2026-01-15T10:30:00Z',
    images,
    architectures: ['x86_64'],
  });
});

test('all mistakes are told at once, each with its place, the rule and the nearest name', async () => {
  const problems = await problemsOf({
    'web.yml': `name: Web
base_ami: {source: tiny, architecture: x86-64}
port: [80]
steps:
  - name: a
    runs: echo
    timeout: soon
    cache: {max_agee: 1d}
validation_tests: {}
estimated_cost_per_hour: {x86_32: 1}
tags: {"aws:x": y}
readiness: {http: {port: 99999}}
`,
  });
  expect(problems).toEqual([
    "2:26 base_ami.architecture: is 'x86-64', but must be one of x86_64, arm64; did you mean 'x86_64'?",
    '3:1 port: is not a known field. Did you mean `ports`?',
    '5:5 steps[0].run: is missing; it must be a text',
    '6:5 steps[0].runs: is not a known field. Did you mean `run`?',
    '7:5 steps[0].timeout: must be a length of time, such as 90s, 30m, 2h or 7d; a bare number counts seconds',
    '8:13 steps[0].cache.max_agee: is not a known field. Did you mean `max_age`?',
    '9:1 validation_tests: must be a list, not a map',
    '10:27 estimated_cost_per_hour.x86_32: is not a known field. Did you mean `x86_64`?',
    '11:8 tags.aws:x: `aws:` and `ingot:` tags are not yours to set',
    '12:20 readiness.http.port: must be at most 65535',
  ]);
});

test('text that is no YAML is told with its place', async () => {
  expect(await problemsOf({ 'web.yml': 'name: Web\nports: [80\nsteps: 1\n' })).toEqual([
    expect.stringMatching(/^3:1 : /),
  ]);
});

test('what a build needs but the text does not have is told', async () => {
  expect(
    await problemsOf({
      'web.yml': `name: Web
steps:
  - {name: a, run: x, files: [{source: nowhere, target: /etc/}], inputs: [gone]}
  - {name: a, run: y}
validation_tests: [{name: v, command: z, matches: "("}]
readiness: {interval: 5s}
`,
    }),
  ).toEqual([
    '1:1 base_ami: is missing: `base_ami.source` names what to start from, such as debian-12 or tiny',
    expect.stringMatching(
      /^3:31 steps\[0\]\.files\[0\]: there is no file or folder 'nowhere'; it was looked for at \//,
    ),
    expect.stringMatching(/^3:75 steps\[0\]\.inputs\[0\]: there is no file or folder 'gone'/),
    "4:6 steps[1].name: 'a' is here twice; names are unique",
    "5:42 validation_tests[0].matches: '(' is no regular expression",
    '6:1 readiness: asks nothing: give http, tcp or command',
  ]);
});

test('an unknown slug is answered with the nearest, and with where it was looked for', async () => {
  const { directory } = await load({ 'web-server.yml': smallest });
  await expect(loadTemplate('web-sever', { directories: [directory] })).rejects.toThrow(
    `There is no template 'web-sever' in ${directory}. Did you mean web-server?`,
  );
});

test('files are found beside the template, hashed, and a folder stands for all in it', async () => {
  const { directory } = await load({
    'web.yml': smallest,
    'etc/a': 'A',
    'etc/deep/b': 'B',
    run: '#!/bin/sh',
  });
  await chmod(join(directory, 'run'), 0o755);
  await writeFile(
    join(directory, 'web.yml'),
    `${smallest}steps:
  - name: copy
    run: 'true'
    files:
      - {source: etc, target: /etc/web}
      - {source: run, target: /usr/local/bin/}
      - {source: run, target: /root/it, mode: '0600'}
    inputs: [etc]
`,
  );
  const [step] = (await loadTemplate(join(directory, 'web.yml'), { directories: [] })).steps;
  expect(step?.files.map(({ target, mode }) => [target, mode])).toEqual([
    ['/etc/web/a', 0o644],
    ['/etc/web/deep/b', 0o644],
    ['/usr/local/bin/run', 0o755],
    ['/root/it', 0o600],
  ]);
  const digestOfA = '559aead08264d5795d3909718cdd05abd49572e84fe55590eef31a88a08fdffd';
  expect(step?.files[0]?.digest).toBe(digestOfA);
  expect(step?.inputs[0]).toBe(`etc/a ${digestOfA}`);
});

test('the digest changes with what is built, and not with where, when or into which image', async () => {
  const text = `${smallest}steps: [{name: copy, run: 'true', files: [{source: a, target: /a}]}]\n`;
  const { digest } = await load({ 'web.yml': text, a: 'A' });
  const same = await load({
    'web.yml': `# why\n${text}ami_config: {amis: {us-east-1: {x86_64: ami-1}}}\n`,
    a: 'A',
  });
  expect(same.digest).toBe(digest);
  expect((await load({ 'web.yml': text, a: 'B' })).digest).not.toBe(digest);
  expect((await load({ 'web.yml': `${text}ports: [80]\n`, a: 'A' })).digest).not.toBe(digest);
});

test('a template that cannot be read is listed with the reason, and an earlier folder goes first', async () => {
  const { directory: mine } = await load({ 'web.yml': 'name: Mine\nbase_ami: {source: tiny}\n' });
  const { directory: theirs } = await load({ 'web.yml': smallest, 'notes.txt': '' });
  await writeFile(join(theirs, 'broken.yaml'), 'nam: Web\n');
  const listed = await listTemplates({ directories: [mine, join(folder, 'absent'), theirs] });
  expect(listed.map(({ slug, file }) => [slug, dirname(file)])).toEqual([
    ['web', mine],
    ['broken', theirs],
  ]);
  expect(listed[0]?.template).toMatchObject({ name: 'Mine' });
  expect(listed[1]?.template).toBeInstanceOf(TemplateErrors);
});
