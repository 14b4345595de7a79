import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { homeFolder } from '../../platform/config.ts';
import { environment } from '../../platform/config-environment.ts';
import type { Architecture } from '../../platform/ids.ts';
import { type Context, findContext, localContext } from '../context.ts';
import { parsePorts, parseSource } from '../ec2/access.ts';
import { listMachines } from '../ec2/find-instance.ts';
import { CliError, exitCodes } from '../errors.ts';
import { launchMachine } from '../launch/launch-machine.ts';
import { machinePorts } from '../machine-ports.ts';
import { architectureOption, regionOption, wholeNumber } from '../options.ts';
import { paint, print, printJson, say } from '../output.ts';
import { startServer } from '../server-process.ts';
import { createStages, type Stages } from '../stages.ts';

interface LaunchOptions {
  readonly region?: string;
  readonly size?: string;
  readonly arch?: Architecture;
  readonly wait?: true;
  readonly userData?: string;
  readonly disk?: number;
  readonly ports: string;
  readonly from: string;
  readonly json?: true;
  readonly quiet?: true;
}

export function launchCommand(): Command {
  return new Command('launch')
    .description('Launch an instance')
    .argument('<image>', 'tiny, debian-12, or the id or name of an image')
    .argument('<name>', 'what to call it')
    .addOption(regionOption())
    .option('-s, --size <type>', 'the EC2 instance type (t3.micro; t4g.micro for arm64)')
    .addOption(architectureOption())
    .option('-w, --wait', 'return when one can log in')
    .option('--user-data <file>', 'a script or cloud-config for its first boot')
    .option('--disk <gib>', 'the size of its root disk in GiB', wholeNumber(1, 16_384))
    .option('--ports <list>', 'ports to open beside 22, as in 80,443', '')
    .option('--from <address>', 'who reaches the ports: an address or a range', '0.0.0.0/0')
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
  await refuseTakenName(context, name);
  const region = options.region ?? context.region;
  const { arch: architecture, size: instanceType, disk: diskGiB } = options;
  const request = { image, name, region, architecture, instanceType, diskGiB, userData, openings };
  const machine = await launchMachine(context, request, stages);
  if (options.wait) {
    const { awaitSsh } = await import('../launch/await-ssh.ts');
    (await awaitSsh(context, machine, stages)).end();
  }
  if (options.json) return printJson({ name, id: machine.id, region });
  if (options.quiet) return print(machine.id);
  const next = options.wait
    ? `ingot connect ${name}`
    : `ingot console ${name} --follow, then: ingot connect ${name}`;
  if (options.wait) await sayPorts(context, machine.id);
  print(`${paint('bold', name)} is ${machine.id} in ${region}.  ${next}`);
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
