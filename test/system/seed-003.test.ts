/** Saving a machine that is set up just right: a research platform's `save`, from the machine to the next one like it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { type CommandLine, openCommandLine } from './command-line.ts';

let line: CommandLine;
let hasFailed = false;

beforeAll(async () => {
  line = await openCommandLine();
  await line.done('ingot launch tiny my-research --ports 8888 --wait');
  await line.done("ingot exec my-research -- 'echo GATK and R > ~/kept; sync'");
});

afterEach(({ task }) => {
  hasFailed ||= task.result?.state === 'fail';
});

afterAll(() => line.close({ kept: hasFailed }));

test('save warns, asks, stops, images, starts again, proves, copies, registers and writes the template', async () => {
  const save =
    'ingot save my-research genomics-pipeline ' +
    '--description "Custom genomics analysis environment with GATK and R" ' +
    '--copy-to-regions us-east-2,us-west-1 --project brain-imaging-study --public --consistency stopped';
  const asked = await line.run(save);
  expect(asked.status).toBe(5);
  expect(asked.stderr).toContain('stopped for the point in time, and started again');
  expect(asked.stderr).toContain('--yes');

  const { status, stdout, stderr } = await line.run(`${save} --yes`);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/AMI ID: +ami-[0-9a-f]{17} \(us-east-1\)/);
  expect(stdout).toMatch(/us-east-2: +ami-/);
  expect(stdout).toMatch(/us-west-1: +ami-/);
  expect(stdout).toMatch(/Consistency: +stopped, the machine was off for [\d.]+ /);
  expect(stdout).toMatch(/Proof: +launched, SSH after/);
  expect(stdout).toMatch(/Total time: +[\d.]+ /);
  expect(stdout).toContain('ingot launch genomics-pipeline my-new-machine');
  expect(stderr.indexOf('Starting the machine again')).toBeLessThan(stderr.indexOf('Waiting for the image'));
  expect(await line.done('ingot list')).toMatch(/my-research +running/);
});

test('the template says where the images are, and what the machine was', async () => {
  const template = parse(await readFile(join(line.home, 'templates', 'genomics-pipeline.yml'), 'utf8'));
  expect(template).toMatchObject({
    name: 'genomics-pipeline',
    description: 'Custom genomics analysis environment with GATK and R',
    base: 'saved-instance',
    source: 'saved-from-instance',
    original_instance: 'my-research',
    saved_from: 'my-research',
    saved_date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    ports: [22, 8888],
    tags: { Name: 'genomics-pipeline', Type: 'saved-instance', Source: 'Ingot-Save' },
  });
  expect(Object.keys(template.ami_config.amis).sort()).toEqual(['us-east-1', 'us-east-2', 'us-west-1']);
  expect(await line.done('ingot template list')).toContain('genomics-pipeline');
  expect(await line.done('ingot ami history genomics-pipeline')).toMatch(/v1/);
});

test('a machine launched from it has what was saved', async () => {
  await line.done('ingot launch genomics-pipeline variant-calling --wait');
  expect(await line.done('ingot exec variant-calling -- cat kept')).toContain('GATK and R');
  const { status, stderr } = await line.run('ingot launch genomics-pipeline too-big --size GPU-L');
  expect(status).not.toBe(0);
  expect(stderr).toContain('GPU-L');
});

test('saving again makes the next version while the machine runs; the name is one for all of it', async () => {
  const stdout = await line.done('ingot save my-research genomics-pipeline --no-proof');
  expect(stdout).toContain("'my-research' saved as genomics-pipeline v2");
  expect(stdout).toMatch(/Consistency: +filesystem, files held still for .*, the machine stood still for/);
  const versions = await line.done('ingot ami history genomics-pipeline');
  expect(versions).toMatch(/v1/);
  expect(versions).toMatch(/v2/);
});
