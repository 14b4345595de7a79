/** Every command, under its group: `main.ts` runs it; the command reference and shell completion are made from it. */
import { Command } from 'commander';
import { packageFacts } from '../platform/package-facts.ts';
import { accountCommand } from './commands/account.ts';
import { amiCommand } from './commands/ami/ami.ts';
import { auditCommand } from './commands/audit.ts';
import { awsCommand } from './commands/aws.ts';
import { catalogueCommand } from './commands/catalogue/catalogue.ts';
import { completionCommand } from './commands/completion.ts';
import { connectCommand } from './commands/connect.ts';
import { consoleCommand } from './commands/console.ts';
import { deployCommand } from './commands/deploy.ts';
import { deploymentsCommand } from './commands/deployments/deployments.ts';
import { doctorCommand } from './commands/doctor.ts';
import { downCommand } from './commands/down.ts';
import { envCommand } from './commands/env.ts';
import { execCommand } from './commands/exec.ts';
import { imageCommand } from './commands/image.ts';
import { launchCommand } from './commands/launch.ts';
import { listCommand } from './commands/list.ts';
import { nodeCommand } from './commands/node.ts';
import { notificationsCommand } from './commands/notifications/notifications.ts';
import { pricesCommand } from './commands/prices/prices.ts';
import { projectCommand } from './commands/project/project.ts';
import { rebuildsCommand } from './commands/rebuilds/rebuilds.ts';
import { saveCommand } from './commands/save.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { stopCommand } from './commands/stop.ts';
import { targetCommand } from './commands/target/target.ts';
import { templateCommand } from './commands/template/template.ts';
import { terminateCommand } from './commands/terminate.ts';
import { tokenCommand } from './commands/token/token.ts';
import { upCommand } from './commands/up.ts';
import { vaultCommand } from './commands/vault/vault.ts';

export function ingotProgram(): Command {
  const program = new Command('ingot')
    .description('Your own EC2: launch machines, turn a running one into an image, launch from that.')
    .version(packageFacts().version)
    .enablePositionalOptions()
    .helpCommand(false)
    .showHelpAfterError('(ingot --help lists the commands)')
    .exitOverride()
    .addHelpText(
      'after',
      `
Begin with:
  ingot up --detach              start the server of this home ($INGOT_HOME, ~/.ingot)
  ingot launch tiny web --wait   a first machine
  ingot connect web              a shell on it
  eval "$(ingot env)"            point AWS tools at it, or: ingot aws ec2 describe-instances`,
    );

  program.commandsGroup('Server:');
  add(program, upCommand(), downCommand(), statusCommand(), doctorCommand(), nodeCommand());
  program.commandsGroup('Machines:');
  add(program, launchCommand(), listCommand(), connectCommand(), execCommand(), consoleCommand());
  add(program, startCommand(), stopCommand(), terminateCommand(), saveCommand());
  program.commandsGroup('Deployments:');
  add(program, deployCommand(), deploymentsCommand());
  program.commandsGroup('Images from templates:');
  add(program, templateCommand(), amiCommand(), catalogueCommand(), targetCommand());
  add(program, projectCommand(), pricesCommand(), rebuildsCommand(), notificationsCommand());
  program.commandsGroup('Images, accounts, tools:');
  add(
    program,
    imageCommand(),
    vaultCommand(),
    accountCommand(),
    tokenCommand(),
    auditCommand(),
    envCommand(),
    awsCommand(),
    completionCommand(),
  );
  return program;
}

function add(program: Command, ...commands: readonly Command[]): void {
  for (const command of commands) {
    for (const each of withSubcommands(command)) each.copyInheritedSettings(program).exitOverride();
    program.addCommand(command);
  }
}

function withSubcommands(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}
