import { readFile } from 'node:fs/promises';
import { Command, Option } from 'commander';
import type { Architecture } from '../../platform/ids.ts';
import { apiClient, replied } from '../api-client.ts';
import { type Context, findContext } from '../context.ts';
import { appOf, timesOf } from '../deployments/deployment-lines.ts';
import { followDeployment } from '../deployments/follow-deployment.ts';
import { type DeploymentBody, showDeployment } from '../deployments/show-deployment.ts';
import { parseSource } from '../ec2/access.ts';
import { CliError, exitCodes } from '../errors.ts';
import { architectures, regionOption } from '../options.ts';
import { paint, print, printJson, say } from '../output.ts';
import { parametersOption, parseParameters } from '../parameters.ts';
import { homeKey } from '../ssh/key.ts';

interface DeployOptions {
  readonly version: string;
  readonly mode?: string;
  readonly param: readonly string[];
  readonly name?: string;
  readonly target?: string;
  readonly region?: string;
  readonly architecture?: Architecture;
  readonly size?: string;
  readonly userData?: string;
  readonly from?: string;
  readonly fresh?: true;
  readonly waitForImage?: true;
  readonly detach?: true;
  readonly json?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

export function deployCommand(): Command {
  return new Command('deploy')
    .description('Deploy an app: launch it, wait until it is ready, keep an image of that version')
    .argument('<app>', 'a template that says when its machine is ready: its name, or the path of its file')
    .requiredOption('--version <version>', "the app's version; its image is known by it")
    .option('-m, --mode <mode>', 'the way to deploy it, as in lite or full')
    .addOption(parametersOption())
    .option('-n, --name <name>', "what to call the machine; the app's name and version unless told")
    .option('-t, --target <name>', 'where to deploy: ingot target list shows those that there are')
    .addOption(regionOption())
    .addOption(
      new Option('-a, --architecture <architecture>', 'the processor architecture').choices(architectures),
    )
    .option('-s, --size <size>', 'S, M, L, XL, GPU-L or an EC2 instance type')
    .option('--user-data <file>', 'a script or cloud-config for its first boot; no image keeps it')
    .option('--from <address>', "who reaches the app's ports: an address or a range; everybody unless told")
    .option('--fresh', 'run the whole set-up, whatever image there is')
    .option('--wait-for-image', 'return when the image is there too')
    .option('--detach', "don't follow; print the deployment's id")
    .option('--json', 'print JSON for programs')
    .option('-q, --quiet', "print the deployment's id alone")
    .option('-v, --verbose', "print all of the steps' output")
    .action(deploy);
}

async function deploy(app: string, options: DeployOptions): Promise<void> {
  const context = await findContext();
  const json = await requestBody(context, app, options);
  const started = await replied(apiClient(context).deployments.$post({ json }), context.url);
  if (options.detach) return options.json ? printJson(started) : print(started.id);
  const quiet = options.quiet === true || options.json === true;
  if (!quiet) say(`Deploying ${appOf(started)} as ${started.job_name}  (${started.id})\n`);
  const image = options.waitForImage === true;
  if (!(await followDeployment(started.id, { image, quiet, verbose: options.verbose === true }))) return;
  const deployment = await showDeployment(context, started.id);
  if (options.json) printJson(deployment);
  if (!deployment.ready) throw new CliError(failure(deployment));
  if (options.quiet) print(deployment.id);
  else if (!options.json) tellReady(deployment);
}

async function requestBody(context: Context, app: string, options: DeployOptions) {
  const { mode, name, target, region, architecture, size } = options;
  const { publicKey } = await homeKey(context.home);
  const parameters = parseParameters(options.param);
  return {
    app,
    from: process.cwd(),
    version: options.version,
    parameters,
    public_key: publicKey,
    ...(mode === undefined ? {} : { mode }),
    ...(name === undefined ? {} : { job_name: name }),
    ...(target === undefined ? {} : { target }),
    ...(region === undefined ? {} : { region }),
    ...(architecture === undefined ? {} : { architecture }),
    ...(size === undefined ? {} : { size }),
    ...(options.userData === undefined ? {} : { user_data: await readBase64(options.userData) }),
    ...(options.from === undefined ? {} : { source: parseSource(options.from) }),
    ...(options.fresh === undefined ? {} : { fresh: options.fresh }),
  };
}

async function readBase64(file: string): Promise<string> {
  try {
    return (await readFile(file)).toString('base64');
  } catch (error) {
    throw new CliError(`--user-data '${file}' can't be read: ${(error as Error).message}`, {
      exitCode: exitCodes.usage,
    });
  }
}

function tellReady(deployment: DeploymentBody): void {
  print(`\n${paint('bold', deployment.job_name)} is ready ${timesOf(deployment)}`);
  print(
    `   Machine: ${deployment.instance_id} at ${deployment.address}   ingot connect ${deployment.job_name}`,
  );
  const { ami_creation_status: status, created_ami_id: image, ami_creation_reason: reason } = deployment;
  if (image !== null) print(`   Image:   ${image}`);
  else if (status === 'pending' || status === 'creating') {
    print(`   Image:   being made; ingot deployments logs ${deployment.id} --follow`);
  } else print(`   Image:   ${status}: ${deployment.ami_creation_error ?? reason ?? ''}`);
}

function failure({ id, deployment_stage: stage, error }: DeploymentBody): string {
  return (
    `${id} is not ready: it failed at '${stage}': ${error}\n` +
    `  the log: ingot deployments logs ${id}\n  go on with it: ingot deployments resume ${id}\n` +
    `  give it up: ingot deployments delete ${id}`
  );
}
