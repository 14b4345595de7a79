import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { homeFolder } from '../../platform/config.ts';
import { environment } from '../../platform/config-environment.ts';
import type { Architecture } from '../../platform/ids.ts';
import { type Context, findContext, localContext } from '../context.ts';
import { parsePorts, parseSource } from '../ec2/access.ts';
import { listMachines, refreshMachine } from '../ec2/find-instance.ts';
import { CliError, exitCodes } from '../errors.ts';
import { chooseImage, requireImage } from '../launch/choose-image.ts';
import { previewLines } from '../launch/launch-lines.ts';
import { type LaunchRequest, questionOf, startMachine } from '../launch/launch-machine.ts';
import { machinePorts } from '../machine-ports.ts';
import { architectureOption, dryRunOption, regionOption, wholeNumber } from '../options.ts';
import { paint, print, printJson, say } from '../output.ts';
import { startServer } from '../server-process.ts';
import { createStages, type Stages } from '../stages.ts';

interface LaunchOptions {
  readonly target: string;
  readonly region?: string;
  readonly size?: string;
  readonly arch?: Architecture;
  readonly wait?: true;
  readonly userData?: string;
  readonly disk?: number;
  readonly ports: string;
  readonly from: string;
  readonly dryRun?: true;
  readonly json?: true;
  readonly quiet?: true;
}

export function launchCommand(): Command {
  return new Command('launch')
    .description('Launch a machine from a template, an image or a base image')
    .argument(
      '<image>',
      'a template, template@version, catalogue/template, image id, image name, tiny, debian-12',
    )
    .argument('<name>', 'what to call it')
    .option('-t, --target <target>', 'where', 'local')
    .addOption(regionOption())
    .option('-s, --size <size>', 'S, M, L, XL, GPU-L or an EC2 instance type')
    .addOption(architectureOption())
    .option('-w, --wait', 'return when one can log in')
    .option('--user-data <file>', 'a script or cloud-config for its first boot')
    .option('--disk <gib>', 'the size of its root disk in GiB', wholeNumber(1, 16_384))
    .option('--ports <list>', 'ports to open beside 22, as in 80,443', '')
    .option('--from <address>', 'who reaches the ports: an address or a range', '0.0.0.0/0')
    .addOption(dryRunOption())
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', 'print the id alone')
    .action(launch);
}

async function launch(image: string, name: string, options: LaunchOptions): Promise<void> {
  const openings = {
    ports: options.ports === '' ? [] : parsePorts(options.ports),
    source: parseSource(options.from),
  };
  const userData = options.userData === undefined ? undefined : await readUserData(options.userData);
  const stages = createStages({ quiet: options.quiet === true || options.json === true });
  const context = await serverOrStart(stages);
  const { target, arch: architecture, size, disk: diskGiB } = options;
  if (target === 'local') await refuseTakenName(context, name);
  else if (options.wait) throw noWaiting(target);
  const region = options.region ?? context.region;
  const request = { ...{ target, image, name, region, size, userData, openings }, architecture, diskGiB };
  if (options.dryRun) return await preview(context, request, options, stages);
  const { instance_id: id } = await startMachine(context, request, stages);
  if (options.wait) {
    const { awaitSsh } = await import('../launch/await-ssh.ts');
    (await awaitSsh(context, await refreshMachine(context, { id, region }), stages)).end();
  }
  if (options.json) return printJson({ name, id, region });
  if (options.quiet) return print(id);
  if (target !== 'local') return print(`${paint('bold', name)} is ${id} in ${region} of ${target}`);
  const next = options.wait
    ? `ingot connect ${name}`
    : `ingot console ${name} --follow, then: ingot connect ${name}`;
  if (options.wait) await sayPorts(context, id);
  print(`${paint('bold', name)} is ${id} in ${region}.  ${next}`);
}

function noWaiting(target: string): CliError {
  return new CliError(
    `--wait: the machines of ${target} are reached with its own tools; leave it out, and ask those when it runs`,
    { exitCode: exitCodes.usage },
  );
}

async function preview(
  context: Context,
  request: LaunchRequest,
  options: LaunchOptions,
  stages: Stages,
): Promise<void> {
  const question = questionOf(request);
  const found = await chooseImage(context, question, stages, { build: false });
  if (options.json) return printJson(found);
  requireImage(question, found);
  for (const line of previewLines(found)) print(line);
}

/** Launching is what one starts the server for, so it starts by itself where none was named. */
async function serverOrStart(stages: Stages): Promise<Context> {
  if (environment().INGOT_URL) return await findContext();
  const running = await localContext(homeFolder());
  if (running !== undefined) return running;
  return await stages.run(
    'Starting the server',
    () => startServer(),
    ({ url }) => url,
  );
}

/** Where a port is not where it was asked for. Port 22 is found by `connect` itself. */
async function sayPorts(context: Context, instanceId: string): Promise<void> {
  const { mapped, closed } = await machinePorts(context, instanceId);
  for (const { guestPort, hostPort } of mapped.filter(({ guestPort }) => guestPort !== 22)) {
    say(
      `${paint('yellow', '!')} port ${guestPort} needs a privilege here: it opens at port ${hostPort} instead`,
    );
  }
  for (const { ports, reason } of closed) say(`${paint('yellow', '!')} ${ports} is not open: ${reason}`);
}

/** EC2 lets names repeat; commands that go by name would then not know which is meant. */
async function refuseTakenName(context: Context, name: string): Promise<void> {
  const taken = (await listMachines(context)).find((machine) => machine.name === name);
  if (taken === undefined) return;
  throw new CliError(
    `'${name}' is the name of ${taken.id} in ${taken.region} (${taken.state}). ` +
      `Give another name, or: ingot terminate ${name}`,
    { exitCode: exitCodes.usage },
  );
}

async function readUserData(file: string): Promise<Uint8Array> {
  const limit = 16 * 1024;
  const content = await readFile(file).catch((cause: unknown) => {
    throw new CliError(`--user-data ${file}: the file can't be read`, { cause, exitCode: exitCodes.usage });
  });
  if (content.byteLength <= limit) return content;
  throw new CliError(`--user-data ${file}: ${content.byteLength} bytes; EC2 takes ${limit} at most`, {
    exitCode: exitCodes.usage,
  });
}
