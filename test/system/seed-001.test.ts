/** Images of running machines: the commands and routes of a research platform's AMI creation, each doing what it says. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type CommandLine, openCommandLine } from './command-line.ts';

interface CreationBody {
  readonly creation_id: string;
  readonly ami_id: string;
  readonly status: string;
  readonly progress: number;
  readonly [field: string]: unknown;
}

let line: CommandLine;
let hasFailed = false;

beforeAll(async () => {
  line = await openCommandLine();
  await line.done('ingot launch tiny workstation --wait');
});

afterEach(({ task }) => {
  hasFailed ||= task.result?.state === 'fail';
});

afterAll(() => line.close({ kept: hasFailed }));

test('an image is made of a running machine, with name, description, template, tags', async () => {
  const told = await line.done(
    'ingot ami create workstation --name my-custom-python-env ' +
      '--description "Custom Python ML environment with PyTorch" --template custom-ml-env ' +
      '--public --no-reboot --tags team=ml,stage=test',
  );
  expect(told).toMatch(/AMI ID: +ami-[0-9a-f]{17}/);
  const { stdout: state } = await line.run('ingot list --json | grep -c \'"running"\'');
  expect(state.trim()).toBe('1');
});

test('its status is read at a glance, by the id of the creation or of the image', async () => {
  const image = (await line.done('ingot ami list -q')).trim();
  const byImage = await line.done(`ingot ami status ${image}`);
  for (const part of [
    /AMI ID: +ami-/,
    /Name: +my-custom-python-env/,
    /Status: +completed/,
    /Total time: +\d/,
    /Storage cost: +\$\d+\.\d+\/month/,
    /Creation cost: +\$\d/,
  ]) {
    expect(byImage).toMatch(part);
  }
  const id = /ami-creation-custom-ml-env-[0-9a-f]+/.exec(byImage)?.[0];
  expect(await line.done(`ingot ami status ${id}`)).toBe(byImage);
});

test('the list shows id, name, architecture, time and who may launch it', async () => {
  const list = await line.done('ingot ami list');
  expect(list).toMatch(/^ami-[0-9a-f]{17} +my-custom-python-env .*(x86_64|arm64).*public/m);
  const [image] = JSON.parse(await line.done('ingot ami list --json'));
  expect(image).toMatchObject({
    description: 'Custom Python ML environment with PyTorch',
    template_name: 'custom-ml-env',
    version: 'v1',
    public: true,
    tags: { team: 'ml', stage: 'test' },
  });
  expect(await line.done('ingot ami list -q --tags team=nobody')).toBe('');
});

test('POST /api/v1/ami/create, GET status and GET list answer with the fields that clients know', async () => {
  const begun = await line.ask<CreationBody>('POST', '/api/v1/ami/create', {
    instance_id: 'workstation',
    name: 'over-rest',
    template_name: 'custom-ml-env',
    multi_region: ['us-west-2'],
    tags: { team: 'ml' },
    no_reboot: false,
    public: false,
  });
  expect(begun.status).toBe(202);
  expect(begun.body).toMatchObject({
    creation_id: expect.stringMatching(/^ami-creation-custom-ml-env-/),
    ami_id: expect.any(String),
    template_name: 'custom-ml-env',
    instance_id: expect.stringMatching(/^i-/),
    status: expect.stringMatching(/^(pending|in_progress|completed)$/),
    progress: expect.any(Number),
    message: expect.any(String),
    elapsed_time_minutes: expect.any(Number),
    storage_cost: expect.any(Number),
    creation_cost: expect.any(Number),
  });
  expect(begun.body).toHaveProperty('estimated_completion_minutes');
  const { creation_id: id } = begun.body;
  const status = () => line.ask<CreationBody>('GET', `/api/v1/ami/status/${id}`);
  await expect.poll(async () => (await status()).body.status, { timeout: 120_000 }).toBe('completed');
  const { body } = await status();
  expect(body).toMatchObject({
    ami_id: expect.stringMatching(/^ami-[0-9a-f]{17}$/),
    name: 'over-rest',
    progress: 100,
    estimated_completion_minutes: 0,
    region_results: {
      'us-east-1': { region: 'us-east-1', ami_id: body.ami_id, status: 'completed' },
      'us-west-2': { region: 'us-west-2', ami_id: expect.stringMatching(/^ami-/), status: 'completed' },
    },
    community_sharing: null,
  });
  expect(body.creation_time).toBeGreaterThan(0);
  expect(body.storage_cost).toBeGreaterThan(0);
  const list = await line.ask<{ amis: { ami_id: string }[] }>('GET', '/api/v1/ami/list');
  expect(list.body.amis.map(({ ami_id: image }) => image)).toContain(body.ami_id);
});

test('costs are computed, and a deleted image comes back from the bin', async () => {
  expect(await line.done('ingot ami costs over-rest')).toMatch(/\$?\d+\.\d+/);
  const { stdout } = await line.run(
    'ingot ami list --json | node -e \'const a=JSON.parse(require("fs").readFileSync(0));' +
      'console.log(a.find((i) => i.name === "my-custom-python-env").ami_id)\'',
  );
  const image = stdout.trim();
  expect(await line.done(`ingot ami delete ${image} --dry-run`)).toContain(image);
  await line.done(`ingot ami delete ${image} --force`);
  expect(await line.done('ingot ami list -q')).not.toContain(image);
  await line.done(`ingot ami restore ${image}`);
  expect(await line.done('ingot ami list -q')).toContain(image);
});
